import { expect, test } from '@jest/globals'
import { counted, refused } from '#shared/limits/policy.ts'
import { rateLimitHeaders } from './rate-limit-headers.ts'

const tasks = { name: 'tasks', count: 20, windowMs: 1_000 }
const uploads = { name: 'uploads', count: 60, windowMs: 60_000 }

test('every limit that was asked is listed with what is left of it', () => {
  const asked = [
    { policy: uploads, verdict: counted(uploads, 1_000) },
    { policy: tasks, verdict: counted(tasks, 100) },
  ]
  expect(rateLimitHeaders(asked)).toEqual({
    'RateLimit-Policy': '"uploads";q=60;w=60, "tasks";q=20;w=1',
    RateLimit: '"uploads";r=59;t=1, "tasks";r=18;t=1',
  })
})

test('a refusal says when to try again', () => {
  const asked = [{ policy: uploads, verdict: refused(uploads, { usedMs: 62_500, sinceLastUseMs: 0 }) }]
  expect(rateLimitHeaders(asked)).toEqual({
    'RateLimit-Policy': '"uploads";q=60;w=60',
    RateLimit: '"uploads";r=0;t=63',
    'Retry-After': '4',
  })
})
