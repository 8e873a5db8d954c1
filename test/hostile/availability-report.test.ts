import { expect, test } from '@jest/globals'
import { availabilityTable, harm } from './availability-report.ts'
import type { Experience } from './victim.ts'

const usual: Experience = { list: [2, 4, 3], create: [10], login: [200], reel: 5_000, refused: [] }
const result = (more: Partial<Experience>) => ({
  title: '300 wrong logins',
  answers: '401 (20), 429 (280)',
  usual,
  experience: { ...usual, ...more },
})

test('an attack does no harm when everything takes at most twice as long, or a few milliseconds more', () => {
  expect(harm(result({ list: [17], create: [20], login: [400], reel: 10_000 }))).toEqual([])
})

test('an attack harms when requests or the reel take longer, or are refused', () => {
  const harmed = result({
    list: [30],
    login: [500],
    reel: 11_000,
    refused: ['login 429', 'login 429', 'create 503'],
  })
  expect(harm(harmed)).toEqual([
    'list took 10.0×',
    'login took 2.5×',
    'the reel took 2.2×',
    'login 429 (2)',
    'create 503 (1)',
  ])
})

test('the table shows medians before and during each attack', () => {
  const table = availabilityTable([
    result({ login: [300] }),
    result({ reel: undefined, refused: ['reel not done'] }),
  ])
  expect(table.split('\n').slice(2)).toEqual([
    '| 300 wrong logins | 401 (20), 429 (280) | 3 ms → 3 ms | 10 ms → 10 ms | 200 ms → 300 ms | 5.0 s → 5.0 s | unharmed |',
    '| 300 wrong logins | 401 (20), 429 (280) | 3 ms → 3 ms | 10 ms → 10 ms | 200 ms → 200 ms | 5.0 s → - | **reel not done (1)** |',
  ])
})
