import { open } from 'node:fs/promises'
import { Readable } from 'node:stream'
import { expect, test } from '@jest/globals'
import { CutroomError } from '../errors.ts'
import { appendToFile } from './append-to-file.ts'
import { withDiskErrors } from './disk-errors.ts'
import { coded } from './testing/contract-kit.ts'

const failing = (code: string) => () => Promise.reject(Object.assign(new Error(code), { code }))

test.each([
  ['ENOSPC', 'media.disk_full'],
  ['EDQUOT', 'media.disk_full'],
  ['EIO', 'storage.unavailable'],
  ['EACCES', 'storage.unavailable'],
  ['EMFILE', 'storage.unavailable'],
] as const)('%s becomes %s', async (system, code) => {
  await expect(withDiskErrors('store a', failing(system))).rejects.toEqual(coded(code))
  await expect(withDiskErrors('store a', failing(system))).rejects.toThrow('ould not store a')
})

test('other errors pass unchanged', async () => {
  const bug = new TypeError('a bug')
  await expect(withDiskErrors('store a', () => Promise.reject(bug))).rejects.toBe(bug)
  const known = new CutroomError('storage.exists', 'taken')
  await expect(withDiskErrors('store a', () => Promise.reject(known))).rejects.toBe(known)
})

test('a device without free space is a full disk', async () => {
  const full = await open('/dev/full', 'w')
  try {
    const appending = appendToFile(Readable.from(['x']), full, { key: 'a', maxBytes: 10 })
    await expect(appending).rejects.toEqual(coded('media.disk_full'))
  } finally {
    await full.close()
  }
})
