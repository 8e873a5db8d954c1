import { expect, test } from '@jest/globals'
import { isUnreachable } from './database.ts'

const error = (more: object, message = 'no') => Object.assign(new Error(message), more)

test.each([
  ['a refused connection', error({ code: 'ECONNREFUSED' })],
  ['a server that shuts down', error({ code: '57P01' })],
  ['a server that starts up', error({ code: '57P03' })],
  ['a server that is full', error({ code: '53300' })],
  ['a broken connection', error({}, 'Connection terminated unexpectedly')],
  ['a server that fell silent', error({}, 'Query read timeout')],
  ['no free connection in time', error({}, 'timeout exceeded when trying to connect')],
  ["Prisma's word for no server", error({ code: 'P1001' })],
  [
    "Prisma's wrapping of what a starting server says",
    error({ code: 'P2039', meta: { driverAdapterError: { cause: { originalCode: '57P03' } } } }),
  ],
  ['what lies behind another error', new Error('outer', { cause: error({ code: 'ECONNRESET' }) })],
])('%s is a database that is away', (_, away) => {
  expect(isUnreachable(away)).toBe(true)
})

test.each([
  [
    'a unique index',
    error({ code: 'P2002', meta: { driverAdapterError: { cause: { originalCode: '23505' } } } }),
  ],
  ['a syntax error', error({ code: '42601' })],
  ['a statement that took too long', error({ code: '57014' })],
  ['a bug of ours', new TypeError('x is undefined')],
])('%s is not', (_, wrong) => {
  expect(isUnreachable(wrong)).toBe(false)
})
