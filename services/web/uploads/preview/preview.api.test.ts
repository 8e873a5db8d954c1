import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals'
import { operations } from '#shared/contract/operations.ts'
import { expectFieldErrors, expectProblem, expectReply } from '#test/expect-reply.ts'
import { openTestWeb, type TestUser, type TestWeb } from '#test/web-app.ts'

const { linkUpload, getPreview } = operations

let web: TestWeb
let ada: TestUser
beforeAll(async () => {
  web = await openTestWeb()
  ada = await web.signUp()
})
afterEach(() => expect(web.log.takeErrors()).toEqual([]))
afterAll(() => web.close())

async function upload(request: object, bytes = '0123456789') {
  const { body } = await web.agent.post('/uploads').set('Authorization', web.bearer(ada)).send(request)
  await web.agent.put(web.pathOf(body.url)).send(Buffer.from(bytes)).expect(201)
  return body.upload_id as string
}
const link = (id: string, body: object = {}, user = ada) =>
  web.agent.post(`/uploads/${id}/links`).set('Authorization', web.bearer(user)).send(body)
const pathTo = async (id: string) => web.pathOf(expectReply(linkUpload, await link(id), 201).url)

test('a link plays the upload without a token, by ranges too, and nothing in it can run', async () => {
  const path = await pathTo(await upload({ filename: 'a.mp4', content_type: 'video/mp4' }))
  const whole = await web.agent.get(path).expect(200)
  expect(String(whole.body)).toBe('0123456789')
  expect(whole.headers).toMatchObject({
    'content-type': 'video/mp4',
    'content-disposition': 'inline',
    'content-security-policy': "default-src 'none'; media-src 'self'; img-src 'self'; sandbox",
    'x-content-type-options': 'nosniff',
    'accept-ranges': 'bytes',
    'cache-control': 'private, no-store',
  })
  const part = await web.agent.get(path).set('Range', 'bytes=2-4').expect(206)
  expect(String(part.body)).toBe('234')
  expect(part.headers['content-range']).toBe('bytes 2-4/10')
})

test('a page is only bytes', async () => {
  const path = await pathTo(await upload({ filename: 'a.html', content_type: 'text/html' }, '<script>'))
  const reply = await web.agent.get(path).expect(200)
  expect(reply.headers['content-type']).toBe('application/octet-stream')
})

test('a link of another upload, with another expiry or without a signature is refused', async () => {
  const id = await upload({})
  const path = await pathTo(id)
  for (const changed of [
    path.replace(id, await upload({})),
    path.replace(/expires=\d+/, 'expires=9999999999'),
    path.replace(/&signature=.*/, ''),
  ]) {
    expectProblem(getPreview, await web.agent.get(changed), 'upload.link_invalid')
  }
})

test('a link ends with its upload', async () => {
  const id = await upload({})
  const path = await pathTo(id)
  await web.agent.delete(`/uploads/${id}`).set('Authorization', web.bearer(ada)).expect(204)
  expectProblem(getPreview, await web.agent.get(path), 'upload.not_found')
})

test('nobody can link what is not theirs, or has no bytes, or for longer than a day', async () => {
  const id = await upload({})
  expectProblem(linkUpload, await link(id, {}, await web.signUp()), 'upload.not_found')
  const { body } = await web.agent.post('/uploads').set('Authorization', web.bearer(ada)).send({})
  expectProblem(linkUpload, await link(body.upload_id), 'upload.missing')
  for (const expires_in of [59, 86_401]) {
    expectFieldErrors(linkUpload, await link(id, { expires_in }), ['expires_in'])
  }
})
