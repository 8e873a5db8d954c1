import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { CutroomError, type ErrorCode } from '#shared/errors.ts'
import type { RenderedFile } from '../media/types.ts'
import { storeOutputs } from './store-outputs.ts'
import { claim, fakeStorage, log } from './testing/fakes.ts'

let dir: string
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'cutroom-store-'))
})
afterEach(() => rm(dir, { recursive: true, force: true }))

/** Two rendered files of 4 bytes each. */
async function twoFiles(): Promise<RenderedFile[]> {
  const names = ['a.mp4', 'b.mp4']
  await Promise.all(names.map((name) => writeFile(join(dir, name), 'clip')))
  return names.map((name) => ({ name, path: join(dir, name), content_type: 'video/mp4', bytes: 4 })) as never
}

/** Storage in which creating `b.mp4` fails, and the number of tries. */
function failingStorage(code: ErrorCode) {
  const tries = { count: 0 }
  const fake = fakeStorage((key) => {
    if (!key.endsWith('b.mp4')) return
    tries.count += 1
    throw new CutroomError(code, 'as the test wants it')
  })
  return { ...fake, tries }
}

const never = new AbortController().signal

test('gives up on the fourth try, and removes what it had stored', async () => {
  const { storage, objects, tries } = failingStorage('storage.unavailable')
  const stored = storeOutputs(claim, await twoFiles(), { storage, log, signal: never })
  await expect(stored).rejects.toMatchObject({ code: 'storage.unavailable' })
  expect(tries.count).toBe(4)
  expect([...objects.keys()]).toEqual([])
}, 30_000)

test('does not retry other errors', async () => {
  const { storage, tries } = failingStorage('storage.not_found')
  const stored = storeOutputs(claim, await twoFiles(), { storage, log, signal: never })
  await expect(stored).rejects.toMatchObject({ code: 'storage.not_found' })
  expect(tries.count).toBe(1)
})

test('does not accept an existing object of another size', async () => {
  const { storage, objects } = fakeStorage()
  objects.set(`tasks/${claim.taskId}/${claim.jobId}-2/a.mp4`, 5)
  const stored = storeOutputs(claim, await twoFiles(), { storage, log, signal: never })
  await expect(stored).rejects.toMatchObject({ code: 'storage.exists' })
})

test('stops retrying when the job is aborted', async () => {
  const aborting = new AbortController()
  const { storage, tries } = failingStorage('storage.unavailable')
  const create = storage.create
  storage.create = (...args) => create(...args).finally(() => tries.count === 1 && aborting.abort())
  const stored = storeOutputs(claim, await twoFiles(), { storage, log, signal: aborting.signal })
  await expect(stored).rejects.toMatchObject({ code: 'storage.unavailable' })
  expect(tries.count).toBe(1)
})
