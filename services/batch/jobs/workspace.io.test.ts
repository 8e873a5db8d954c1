import { spawnSync } from 'node:child_process'
import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { claim } from './testing/fakes.ts'
import { openWorkspace, removeAbandonedWorkspaces } from './workspace.ts'

let dir: string
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'cutroom-scratch-'))
})
afterEach(() => rm(dir, { recursive: true, force: true }))

test('disposing a workspace removes it', async () => {
  {
    await using workspace = await openWorkspace(dir, claim)
    expect(await readdir(workspace.dir)).toEqual(['out'])
  }
  expect(await readdir(dir)).toEqual([])
})

test('removes the workspaces of crashed processes and keeps those of running ones', async () => {
  const dead = spawnSync('true').pid
  const names = [`${dead}-job-1-abc`, `${process.pid}-job-1-abc`, `${process.ppid}-job-1-abc`, 'not-ours']
  for (const name of names) await mkdir(join(dir, name))
  expect(await removeAbandonedWorkspaces(dir)).toBe(2)
  expect((await readdir(dir)).sort()).toEqual([`${process.ppid}-job-1-abc`, 'not-ours'].sort())
})
