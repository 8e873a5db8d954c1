import { expect, test } from '@jest/globals'
import { secondsPerMediaMinute } from './media-pace.ts'

test.each([
  ['one output', [{ seconds: 600 }], 3],
  ['all outputs together', [{ seconds: 600 }, { seconds: 300 }], 2],
  ['no image', [{ seconds: 600 }, { seconds: null }, {}], 3],
  ['a minute at least', [{ seconds: 5 }], 30],
  ['nothing that lasts', [{ seconds: null }, {}], undefined],
])('the pace of a task counts %s', (_, outputs, pace) => {
  expect(secondsPerMediaMinute(30, outputs)).toBe(pace)
})
