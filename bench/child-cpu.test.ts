import { expect, test } from '@jest/globals'
import { cpuSecondsIn } from './child-cpu.ts'

test('the time of the process and of its children counts, of user and system', () => {
  const stat = '71 (a (b) c) S 1 71 71 0 -1 4194304 9000 500 0 0 150 25 1000 50 20 0 11 0 500 1000000 20000'
  expect(cpuSecondsIn(stat)).toBe(1.5 + 0.25 + 10 + 0.5)
})
