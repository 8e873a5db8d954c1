import { expect, test } from '@jest/globals'
import { CutroomError } from '#shared/errors.ts'
import { checkNotify } from './check-notify.ts'

const settings = (allowHosts: string[] = [], from?: string) =>
  ({ mail: { from, smtpUrl: undefined }, sources: { allowHosts, maxBytes: 1, readTimeoutMs: 1 } }) as const

function faultOf(webhook: string, allowHosts: string[] = []) {
  try {
    checkNotify({ webhook }, settings(allowHosts))
    return undefined
  } catch (error) {
    if (!(error instanceof CutroomError)) throw error
    return { code: error.code, fields: error.fields }
  }
}

test.each([
  'http://example.com/hook',
  'https://127.0.0.1/hook',
  'https://localhost.:22/hook',
  'https://169.254.169.254/computeMetadata/v1/',
  'https://[::127.0.0.1]/hook',
  'https://[::ffff:7f00:1]/hook',
  'https://2130706433/hook',
  'https://10.0.0.1/hook',
  'https://me:secret@example.com/hook',
  'https://example.com:25/hook',
])('%s is refused, and the field is named', (webhook) => {
  expect(faultOf(webhook)).toMatchObject({ code: 'request.invalid', fields: [{ path: 'notify.webhook' }] })
})

test.each(['https://example.com/hook?key=1', 'https://example.com:8443/hook'])('%s is taken', (webhook) => {
  expect(faultOf(webhook)).toBeUndefined()
})

test('a host that is excused may be private and without TLS, and no other becomes so', () => {
  expect(faultOf('http://127.0.0.1:9000/hook', ['127.0.0.1:9000'])).toBeUndefined()
  expect(faultOf('http://127.0.0.1:9001/hook', ['127.0.0.1:9000'])).toMatchObject({ code: 'request.invalid' })
})

test('mail is refused where there is no mail server, unless it is declined', () => {
  const ask = (email: boolean, from?: string) => () => checkNotify({ email }, settings([], from))
  expect(ask(true)).toThrow(expect.objectContaining({ code: 'notify.no_mail', status: 422 }))
  expect(ask(false)).not.toThrow()
  expect(ask(true, 'cutroom@example.org')).not.toThrow()
})
