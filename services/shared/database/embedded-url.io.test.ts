import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { findEmbeddedUrl } from './embedded-url.ts'

let dir: string
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'embedded-'))
})
afterEach(() => rm(dir, { recursive: true }))

describe('the URL of the embedded Postgres', () => {
  test('is built from the password file and the port of the running server', async () => {
    await mkdir(join(dir, 'cluster'))
    await writeFile(join(dir, 'password'), 'p4ss')
    await writeFile(join(dir, 'cluster', 'postmaster.pid'), `123\n${dir}/cluster\n1700000000\n54321\n\n`)
    expect(await findEmbeddedUrl(dir)).toBe('postgresql://cutroom:p4ss@127.0.0.1:54321/cutroom')
  })

  test('is undefined when no server is running', async () => {
    expect(await findEmbeddedUrl(join(dir, 'missing'))).toBeUndefined()
    await mkdir(join(dir, 'cluster'))
    await writeFile(join(dir, 'password'), 'p4ss')
    expect(await findEmbeddedUrl(dir)).toBeUndefined()
  })

  test('is undefined while the server has not written its port yet', async () => {
    await mkdir(join(dir, 'cluster'))
    await writeFile(join(dir, 'password'), 'p4ss')
    await writeFile(join(dir, 'cluster', 'postmaster.pid'), '123\n')
    expect(await findEmbeddedUrl(dir)).toBeUndefined()
  })
})
