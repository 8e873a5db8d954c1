import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from '@jest/globals'
import type { Client } from '../../client.ts'
import { saveOutputs } from './save-outputs.ts'

test('a file in a folder is never replaced, nor by one of another input that is saved at the same time', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'cutroom-outputs-'))
  await writeFile(join(folder, 'clip.mp4'), 'the source')
  const save = async (id: string, _name: string, path: string) => {
    await new Promise((resolve) => setTimeout(resolve, 10))
    await writeFile(path, `result ${id}`)
  }
  const client = { tasks: { outputs: { save } } } as unknown as Client
  const outputs = [{ name: 'output.mp4' }] as never
  const { signal } = new AbortController()
  await Promise.all(['1', '2'].map((id) => saveOutputs({ id, outputs }, 'clip', folder, client, { signal })))
  expect((await readdir(folder)).toSorted()).toEqual(['clip-2.mp4', 'clip-3.mp4', 'clip.mp4'])
  expect(await readFile(join(folder, 'clip.mp4'), 'utf8')).toBe('the source')
  await rm(folder, { recursive: true })
})
