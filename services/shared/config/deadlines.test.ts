import { expect, test } from '@jest/globals'
import { deadlinesOf, leavesLongJobs, longestDeadlineOf } from './deadlines.ts'
import type { Environment } from './settings.ts'

const deadlines = (env: Partial<Environment>) =>
  deadlinesOf({ QUEUE: 'local', WORKER_MODE: 'push', ...env } as Environment)

test('a push from Pub/Sub bounds the work, and nothing else does', () => {
  expect(deadlines({ QUEUE: 'pubsub' })).toEqual({ media: 480, job: 540 })
  expect(deadlines({ QUEUE: 'pubsub', WORKER_MODE: 'pull' }).job).toBe(86_400)
  expect(deadlines({}).job).toBe(86_400)
})

test('jobs that are too long for a push are left to other workers where there are any', () => {
  const pushed = { QUEUE: 'pubsub', WORKER_MODE: 'push', LONG_JOBS: 'pull' } as Environment
  expect(leavesLongJobs(pushed)).toBe(true)
  expect(longestDeadlineOf(pushed)).toBe(86_000)
  expect(leavesLongJobs({ ...pushed, LONG_JOBS: 'refuse' })).toBe(false)
  expect(longestDeadlineOf({ ...pushed, LONG_JOBS: 'refuse' })).toBe(480)
  expect(leavesLongJobs({ ...pushed, WORKER_MODE: 'job' })).toBe(false)
  expect(leavesLongJobs({ ...pushed, QUEUE: 'local' })).toBe(false)
})

test('what is set binds everywhere', () => {
  expect(deadlines({ MEDIA_DEADLINE_SECONDS: 10, JOB_DEADLINE_SECONDS: 20 })).toEqual({ media: 10, job: 20 })
})
