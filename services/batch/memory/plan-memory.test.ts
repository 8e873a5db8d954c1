import { describe, expect, test } from '@jest/globals'
import { type Machine, planMemory } from './plan-memory.ts'

const GIB = 1024 ** 3
const machine = (gib: number, scratchGib = 0): Machine => ({
  limit: gib * GIB,
  source: 'the limit of the container',
  scratch: scratchGib * GIB,
})

describe('planMemory', () => {
  test('divides what scratch space and the service leave', () => {
    expect(planMemory(machine(16, 9.5), 2)).toEqual({ jobBytes: 2.875 * GIB, dryRunBytes: 0.375 * GIB })
    expect(planMemory(machine(6), 1).jobBytes).toBe(5.25 * GIB)
  })

  test('gives no job more than any needs', () => {
    expect(planMemory(machine(512), 4).jobBytes).toBe(8 * GIB)
  })

  test('takes a setting in place of its own result, if it holds', () => {
    expect(planMemory(machine(16), 2, GIB).jobBytes).toBe(GIB)
    expect(() => planMemory(machine(16, 10), 2, 8 * GIB)).toThrow(
      'MEDIA_MAX_MEMORY_BYTES: 8192 MiB for each of 2 jobs do not fit into 16384 MiB (the limit of the container), ' +
        'less 10240 MiB of scratch space that is in memory, less 768 MiB for the service itself. Lower ' +
        'MEDIA_MAX_MEMORY_BYTES or BATCH_CONCURRENCY or MEDIA_MAX_SCRATCH_BYTES, or give the worker more memory ' +
        '(MEMORY_LIMIT_BYTES).',
    )
  })

  test('refuses jobs that would have too little', () => {
    expect(() => planMemory(machine(4), 8)).toThrow(
      'BATCH_CONCURRENCY: 8 jobs at a time would have 416 MiB each, and a job needs 640 MiB: together they do not fit ' +
        'into 4096 MiB (the limit of the container) less 768 MiB for the service itself. Lower BATCH_CONCURRENCY, give ' +
        'the worker more memory (MEMORY_LIMIT_BYTES), or set MEDIA_MAX_MEMORY_BYTES to 0 for no limit.',
    )
    expect(() => planMemory(machine(16), 1, GIB / 4)).toThrow(
      'MEDIA_MAX_MEMORY_BYTES: must be at least 671088640',
    )
  })

  test('sets no limit for a setting of 0', () => {
    expect(planMemory(machine(0.5), 8, 0)).toEqual({ jobBytes: 0, dryRunBytes: 0 })
  })

  test('whatever it plans fits', () => {
    for (let gib = 0.25; gib < 64; gib *= 1.3) {
      for (const slots of [1, 2, 3, 8]) {
        try {
          const { jobBytes, dryRunBytes } = planMemory(machine(gib, gib / 3), slots)
          expect(jobBytes * slots + dryRunBytes).toBeLessThan((gib * GIB * 2) / 3)
        } catch (error) {
          expect(String(error)).toMatch(/do not fit/)
        }
      }
    }
  })
})
