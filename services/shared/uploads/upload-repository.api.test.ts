import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import { openTestTasks, type TestTasks } from '#test/task-fixtures.ts'
import { type UploadRepository, type UploadRow, uploadKey, uploadRepository } from './upload-repository.ts'

let t: TestTasks
let uploads: UploadRepository
let userId: string
beforeAll(async () => {
  t = await openTestTasks()
  uploads = uploadRepository(t.database, { retentionDays: 3 })
})
afterAll(() => t?.close())
beforeEach(async () => {
  await t.database.query('TRUNCATE users CASCADE')
  await t.database.query('TRUNCATE orphaned_objects')
  userId = await t.addUser()
})

function newUpload(): UploadRow {
  const id = randomUUID()
  return { id, userId, objectKey: uploadKey(userId, id), filename: 'a.mp4', contentType: 'video/mp4' }
}

async function addExpiredUpload(): Promise<UploadRow> {
  const upload = newUpload()
  await uploads.create(upload)
  await t.database.query('UPDATE uploads SET expires_at = created_at WHERE id = $1', [upload.id])
  return upload
}

test('an upload is found and deleted by its owner alone', async () => {
  const upload = newUpload()
  await uploads.create(upload)
  expect(await uploads.find(userId, [upload.id, randomUUID()])).toMatchObject([upload])
  expect(await uploads.find(await t.addUser(), [upload.id])).toEqual([])
  expect(await uploads.delete(await t.addUser(), upload.id, 0)).toBeUndefined()
  expect(await uploads.delete(userId, upload.id, 0)).toBe('deleted')
  expect(await uploads.delete(userId, upload.id, 0)).toBeUndefined()
  expect(await uploads.find(userId, [upload.id])).toEqual([])
})

test('an upload created in a transaction that fails is not kept', async () => {
  const upload = newUpload()
  const failing = t.database.transaction(async (query) => {
    await uploads.create(upload, query)
    throw new Error('later statement failed')
  })
  await expect(failing).rejects.toThrow('later statement failed')
  expect(await uploads.find(userId, [upload.id])).toEqual([])
})

describe('expiry', () => {
  test('keeps an upload for the retention period', async () => {
    await uploads.create(newUpload())
    const [row] = await t.database.query<{ days: string }>(
      'SELECT extract(day FROM expires_at - created_at)::text AS days FROM uploads',
    )
    expect(row?.days).toBe('3')
    expect(await uploads.expire(10)).toBe(0)
  })

  test('forgets expired uploads, at most as many as the limit, and leaves their objects to the sweep', async () => {
    const { objectKey } = await addExpiredUpload()
    expect(await uploads.expire(10)).toBe(1)
    expect(await t.sweeps.claimOrphanedPrefixes(10)).toEqual([objectKey])
    await Promise.all([addExpiredUpload(), addExpiredUpload(), addExpiredUpload()])
    expect([await uploads.expire(2), await uploads.expire(2)]).toEqual([2, 1])
  })

  test('keeps an expired upload for as long as an unfinished task names it', async () => {
    const upload = await addExpiredUpload()
    const { taskId } = await t.addTask(userId)
    const recipe = JSON.stringify({ sources: [{ upload_id: upload.id }] })
    await t.database.query('UPDATE tasks SET recipe = $2 WHERE id = $1', [taskId, recipe])
    expect(await uploads.expire(10)).toBe(0)
    await t.tasks.abort(userId, taskId)
    expect(await uploads.expire(10)).toBe(1)
    expect(await t.sweeps.claimOrphanedPrefixes(10)).toEqual([upload.objectKey])
  })
})
