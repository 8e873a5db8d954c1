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
] as const)('%s on the disk is %s', async (system, code) => {
  await expect(withDiskErrors('store a', failing(system))).rejects.toEqual(coded(code))
  await expect(withDiskErrors('store a', failing(system))).rejects.toThrow('ould not store a')
})

test('an error that is no system error stays as it is', async () => {
  const bug = new TypeError('a bug')
  await expect(withDiskErrors('store a', () => Promise.reject(bug))).rejects.toBe(bug)
  const known = new CutroomError('storage.exists', 'taken')
  await expect(withDiskErrors('store a', () => Promise.reject(known))).rejects.toBe(known)
})

test('a device without room is a full disk', async () => {
  const full = await open('/dev/full', 'w')
  try {
    const spooling = appendToFile(Readable.from(['x']), full, { key: 'a', maxBytes: 10 })
    await expect(spooling).rejects.toEqual(coded('media.disk_full'))
  } finally {
    await full.close()
  }
})
