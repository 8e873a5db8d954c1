import { expect, test } from '@jest/globals'
import { versionHint } from './version.ts'

test.each([
  ['0.2.0', '0.3.1', /update the client with `npm install @cutroom\/client@0.3.1`/],
  ['0.3.0', '0.2.9', /update the service/],
  ['1.0.0', '0.9.0', /update the service/],
])('a client %s and a service %s get advice', (client, service, advice) => {
  expect(versionHint(client, service)).toMatch(advice)
})

test.each([
  ['0.2.0', '0.2.7'],
  ['0.2.0', undefined],
  ['0.2.0', 'main'],
])('a client %s and a service %s get none', (client, service) => {
  expect(versionHint(client, service)).toBeUndefined()
})
