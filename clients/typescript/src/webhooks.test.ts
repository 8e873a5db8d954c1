import { expect, test } from '@jest/globals'
import { Webhook } from 'standardwebhooks'
import { verifyWebhook } from './webhooks.ts'

const SECRET = `whsec_${btoa('a secret of 24 characters')}`
const OTHER = `whsec_${btoa('another secret, the next')}`
const body = JSON.stringify({ type: 'task.succeeded', data: { id: '1' } })

function signed(secret: string, at = new Date()) {
  return {
    'webhook-id': 'evt_1',
    'webhook-timestamp': String(Math.floor(at.getTime() / 1000)),
    'webhook-signature': new Webhook(secret).sign('evt_1', at, body),
  }
}

test('the event of a signed webhook is returned, for headers of any kind', () => {
  const headers = signed(SECRET)
  const event = { type: 'task.succeeded', data: { id: '1' } }
  expect(verifyWebhook({ secret: SECRET, headers, body })).toEqual(event)
  expect(verifyWebhook({ secret: SECRET, headers: new Headers(headers), body })).toEqual(event)
})

test('while a secret is being replaced, both are accepted', () => {
  expect(verifyWebhook({ secret: [OTHER, SECRET], headers: signed(SECRET), body })).toMatchObject({
    data: {},
  })
})

test.each([
  ['another secret', { secret: OTHER, headers: signed(SECRET), body }],
  ['another body', { secret: SECRET, headers: signed(SECRET), body: body.replace('1', '2') }],
  ['an old signature', { secret: SECRET, headers: signed(SECRET, new Date(Date.now() - 600_000)), body }],
  ['no signature', { secret: SECRET, headers: {}, body }],
  ['a secret that is none', { secret: 'no secret', headers: signed(SECRET), body }],
])('%s is refused', (_what, webhook) => {
  expect(() => verifyWebhook(webhook)).toThrow(expect.objectContaining({ code: 'client.signature_invalid' }))
})
