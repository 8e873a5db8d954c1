import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { openTestWeb, type TestWeb } from '#test/web-app.ts'

let web: TestWeb
beforeAll(async () => {
  web = await openTestWeb({ env: { UPLOAD_DAYS: '1' } })
})
afterAll(() => web?.close())

const retentionDays = (userId: string) =>
  web.database.query<{ days: string }>(
    'SELECT extract(day FROM expires_at - created_at)::text AS days FROM uploads WHERE user_id = $1',
    [userId],
  )

test('UPLOAD_DAYS=1 keeps an upload for one day', async () => {
  const ada = await web.signUp()
  await web.makeUpload(ada)
  expect(await retentionDays(ada.id)).toEqual([{ days: '1' }])
})

test('UPLOAD_DAYS=1 keeps the file of a form for one day', async () => {
  const ada = await web.signUp()
  await web.agent
    .post('/tasks')
    .set('Authorization', web.bearer(ada))
    .attach('file', Buffer.from('bytes'), 'a.mp4')
    .expect(202)
  expect(await retentionDays(ada.id)).toEqual([{ days: '1' }])
})
