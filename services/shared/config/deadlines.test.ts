import { expect, test } from '@jest/globals'
import { deadlinesOf } from './deadlines.ts'
import type { Environment } from './settings.ts'

const deadlines = (env: Partial<Environment>) =>
  deadlinesOf({ QUEUE: 'local', WORKER_MODE: 'push', ...env } as Environment)

test('a push from Pub/Sub bounds the work, and nothing else does', () => {
  expect(deadlines({ QUEUE: 'pubsub' })).toEqual({ media: 480, job: 540 })
  expect(deadlines({ QUEUE: 'pubsub', WORKER_MODE: 'pull' }).job).toBe(86_400)
  expect(deadlines({}).job).toBe(86_400)
})

test('what is set binds everywhere', () => {
  expect(deadlines({ MEDIA_DEADLINE_SECONDS: 10, JOB_DEADLINE_SECONDS: 20 })).toEqual({ media: 10, job: 20 })
})
