import { expect, test } from '@jest/globals'
import { readRequest } from './dead-letters-request.ts'

const id = '3a1c9d9e-2f52-4f43-9a8c-1a1de2a40e01'

test.each([
  [[], { verb: 'list' }],
  [['list'], { verb: 'list' }],
  [['redrive', 'all'], { verb: 'redrive', ids: undefined }],
  [['redrive', id, id], { verb: 'redrive', ids: [id, id] }],
])('the arguments %j are accepted', (args, request) => {
  expect(readRequest(args)).toEqual(request)
})

test.each([[['redrive']], [['redrive', 'all', id]], [['redrive', '123']], [['list', id]], [['remove', id]]])(
  'the arguments %j are rejected',
  (args) => {
    expect(readRequest(args)).toBeUndefined()
  },
)
