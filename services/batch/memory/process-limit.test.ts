import { expect, test } from '@jest/globals'
import { hardLimit } from './process-limit.ts'

const limits = (hard: string) =>
  [
    'Limit                     Soft Limit           Hard Limit           Units     ',
    'Max cpu time              unlimited            unlimited            seconds   ',
    `Max processes             500                  ${hard.padEnd(20)} processes `,
    'Max open files            1024                 524288               files     ',
  ].join('\n')

test('the hard limit of a container is found', () => {
  expect(hardLimit(limits('1000'))).toBe(1000)
  expect(hardLimit(limits('unlimited'))).toBe(Number.POSITIVE_INFINITY)
  expect(hardLimit('')).toBe(Number.POSITIVE_INFINITY)
})
