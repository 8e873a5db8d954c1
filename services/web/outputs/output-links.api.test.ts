import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals'
import { operations } from '#shared/contract/operations.ts'
import { expectFieldErrors, expectProblem, expectReply } from '#test/expect-reply.ts'
import { openTestWeb, type TestUser, type TestWeb } from '#test/web-app.ts'

const { linkOutput, getSharedOutput } = operations

let web: TestWeb
let ada: TestUser
beforeAll(async () => {
  web = await openTestWeb()
  ada = await web.signUp()
})
afterEach(() => expect(web.log.takeErrors()).toEqual([]))
afterAll(() => web.close())

const as = (user = ada) => ({ Authorization: web.bearer(user) })

async function finishedTask(name = 'clip.mp4') {
  const { id } = await web.createTask(ada)
  await web.finish(id, { [name]: '0123456789' })
  return id
}
const link = (id: string, name: string, body: object = {}, user = ada) =>
  web.agent
    .post(`/tasks/${id}/outputs/${encodeURIComponent(name)}/links`)
    .set(as(user))
    .send(body)

test('a link downloads the output without a token, by ranges too', async () => {
  const id = await finishedTask()
  const { url, expires_at } = expectReply(linkOutput, await link(id, 'clip.mp4', { expires_in: 60 }), 201)
  expect(new Date(expires_at).getTime() - Date.now()).toBeGreaterThan(55_000)
  expect(new Date(expires_at).getTime() - Date.now()).toBeLessThanOrEqual(60_000)
  const whole = await web.agent.get(web.pathOf(url)).expect(200)
  expect(whole.headers).toMatchObject({ 'content-type': 'video/mp4', 'cache-control': 'private, no-store' })
  expect(String(whole.body)).toBe('0123456789')
  const part = await web.agent.get(web.pathOf(url)).set('Range', 'bytes=2-4').expect(206)
  expect(String(part.body)).toBe('234')
})

test('a link of another output, with another expiry or without a signature is refused', async () => {
  const id = await finishedTask()
  const path = web.pathOf(expectReply(linkOutput, await link(id, 'clip.mp4'), 201).url)
  for (const changed of [
    path.replace('clip.mp4', 'other.mp4'),
    path.replace(id, await finishedTask()),
    path.replace(/expires=\d+/, 'expires=9999999999'),
    path.replace(/&signature=.*/, ''),
    path.replace(/\?.*/, ''),
  ]) {
    expectProblem(getSharedOutput, await web.agent.get(changed), 'output.link_invalid')
  }
})

test('a link ends with its task', async () => {
  const id = await finishedTask()
  const { url } = expectReply(linkOutput, await link(id, 'clip.mp4'), 201)
  await web.agent.delete(`/tasks/${id}`).set(as()).expect(204)
  expectProblem(getSharedOutput, await web.agent.get(web.pathOf(url)), 'output.not_found')
})

test('nobody can link what is not theirs, or is not there', async () => {
  const id = await finishedTask()
  const eve = await web.signUp()
  expectProblem(linkOutput, await link(id, 'clip.mp4', {}, eve), 'task.not_found')
  expectProblem(linkOutput, await link(id, 'other.mp4'), 'output.not_found')
})

test('a link lasts between a minute and a week', async () => {
  const id = await finishedTask()
  for (const expires_in of [59, 604_801, 1.5, '60']) {
    expectFieldErrors(linkOutput, await link(id, 'clip.mp4', { expires_in }), ['expires_in'])
  }
})
