import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { bytesBelow, watchScratchQuota } from './scratch-quota.ts'

let dir: string
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'cutroom-quota-'))
})
afterEach(() => rm(dir, { recursive: true, force: true }))

test('all files below a directory count; a missing directory holds nothing', async () => {
  await mkdir(join(dir, 'out'))
  await writeFile(join(dir, 'source'), Buffer.alloc(1000))
  await writeFile(join(dir, 'out', '.video-001'), Buffer.alloc(200))
  expect(await bytesBelow(dir)).toBe(1200)
  expect(await bytesBelow(join(dir, 'gone'))).toBe(0)
})

test('a directory that outgrows its quota aborts the work in it', async () => {
  using watch = watchScratchQuota(dir, 1000, 1)
  await writeFile(join(dir, 'a'), Buffer.alloc(1000))
  await watch.check()
  expect(watch.signal.aborted).toBe(false)
  const aborted = new Promise((resolve) => watch.signal.addEventListener('abort', resolve))
  await writeFile(join(dir, 'b'), Buffer.alloc(1))
  await aborted
  expect(watch.signal.reason).toMatchObject({
    code: 'media.limits',
    message:
      'The work took more than 1000 bytes of scratch space and was stopped. Ask for fewer or smaller outputs.',
  })
  await expect(watch.check()).rejects.toMatchObject({ code: 'media.limits' })
})
