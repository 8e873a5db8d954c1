import { expect, test } from '@jest/globals'
import { expectedSeconds, secondsOfJob } from './expected-time.ts'

/** What every job takes beside its work: ffmpeg's start and a probe. */
const STARTING = secondsOfJob({ kind: 'stitch', weight: 0 }, { cores: 1 })

const chunks = (count: number, weight: number) =>
  Array.from({ length: count }, () => ({ kind: 'chunk' as const, weight }))
const film = [
  { kind: 'measure' as const, weight: 10 },
  { kind: 'audio' as const, weight: 20 },
  { kind: 'measure' as const, weight: 10 },
  ...chunks(30, 40),
  { kind: 'stitch' as const, weight: 5 },
]
const on = (workers: number, more = {}) => expectedSeconds(film, { workers, slots: 1, cores: 1, ...more })

test.each([
  // 1240 s of work, 5 of them after all others.
  [1, 10 + 20 + 10 + 30 * 40 + 5, 34],
  // One worker has the audio first and then two chunks, the others three chunks each, and one of them a fourth.
  [10, 4 * 40 + 5, 5],
  [100, 40 + 5, 4],
])('a film of 30 chunks on %s workers', (workers, seconds, jobsInTurn) => {
  expect(on(workers)).toBeCloseTo(seconds + jobsInTurn * STARTING, 0)
})

test('chunks use all cores of a slot, audio and stitch one', () => {
  const seconds = (kind: 'chunk' | 'audio', cores: number) =>
    secondsOfJob({ kind, weight: 87 }, { cores }) - STARTING
  expect([seconds('chunk', 1), seconds('chunk', 2), seconds('audio', 2)]).toEqual([87, 50, 87].map(near))
})
const near = (value: number) => expect.closeTo(value, 3)

test('a worker with two slots does as much as two workers with one', () => {
  expect(on(5, { slots: 2 })).toBe(on(10))
})

test('the audio is the whole time, when chunks take less', () => {
  const jobs = [
    { kind: 'audio' as const, weight: 300 },
    ...chunks(3, 20),
    { kind: 'stitch' as const, weight: 1 },
  ]
  expect(expectedSeconds(jobs, { workers: 100, slots: 1, cores: 1 })).toBeCloseTo(301 + 2 * STARTING, 3)
})

test('tens of thousands of chunks take no time to lay out', () => {
  const before = process.cpuUsage()
  expect(expectedSeconds(chunks(30_000, 45), { workers: 100, slots: 2, cores: 1 })).toBeGreaterThan(6750)
  // Of this process, however busy the machine is.
  const { user, system } = process.cpuUsage(before)
  expect((user + system) / 1000).toBeLessThan(2_000)
})
