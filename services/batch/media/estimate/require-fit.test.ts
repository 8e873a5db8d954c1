import { describe, expect, test } from '@jest/globals'
import type { ExpandedJob } from '../chunks/types.ts'
import { createRequireFit } from './require-fit.ts'

const audio = (weight: number): ExpandedJob => ({ kind: 'audio', params: {}, weight, unblocks: 1 })
const stitch: ExpandedJob = { kind: 'stitch', params: {}, weight: 5, unblocks: null }
const PUSH_MS = 480_000
const of = (claimsLongJobs: boolean) => createRequireFit(PUSH_MS, { cores: 2 }, { claimsLongJobs })

describe('the jobs of a divided render', () => {
  test('are all tried by a worker that is alone with them, unless one is hopeless', () => {
    expect(of(true).jobs([audio(1000), stitch])).toEqual([audio(1000), stitch])
    expect(() => of(true).jobs([audio(10_000), stitch])).toThrow('Encoding the audio would take about')
  })

  test('are marked one by one where other workers have more time, and none is refused', () => {
    const marks = (weight: number) => of(false).jobs([audio(weight), stitch])
    expect(marks(100).map(({ longRunning }) => longRunning)).toEqual([false, false])
    expect(marks(1000).map(({ longRunning }) => longRunning)).toEqual([true, false])
    expect(marks(10_000)).toEqual([
      { ...audio(10_000), longRunning: true },
      { ...stitch, longRunning: false },
    ])
  })
})
