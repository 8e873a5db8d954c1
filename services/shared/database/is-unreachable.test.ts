import { expect, test } from '@jest/globals'
import { isUnreachable } from './is-unreachable.ts'

const error = (more: object, message = 'no') => Object.assign(new Error(message), more)

test.each([
  ['a refused connection', error({ code: 'ECONNREFUSED' })],
  ['a server that shuts down', error({ code: '57P01' })],
  ['a server that starts up', error({ code: '57P03' })],
  ['a server with too many connections', error({ code: '53300' })],
  ['a broken connection', error({}, 'Connection terminated unexpectedly')],
  ['a server that stopped responding', error({}, 'Query read timeout')],
  ['no connection within the timeout', error({}, 'timeout exceeded when trying to connect')],
  ["Prisma's code for an unreachable server", error({ code: 'P1001' })],
  [
    "a starting server's code wrapped by Prisma",
    error({ code: 'P2039', meta: { driverAdapterError: { cause: { originalCode: '57P03' } } } }),
  ],
  ['the cause of another error', new Error('outer', { cause: error({ code: 'ECONNRESET' }) })],
])('%s means that the database is unreachable', (_, unreachable) => {
  expect(isUnreachable(unreachable)).toBe(true)
})

test.each([
  [
    'a violated unique index',
    error({ code: 'P2002', meta: { driverAdapterError: { cause: { originalCode: '23505' } } } }),
  ],
  ['a syntax error', error({ code: '42601' })],
  ['a statement timeout', error({ code: '57014' })],
  ['a bug', new TypeError('x is undefined')],
])('%s does not', (_, other) => {
  expect(isUnreachable(other)).toBe(false)
})
