import { expect, test } from '@jest/globals'
import type { TaskStatus } from '../contract/tasks.ts'
import { type JobKind, statusAfter, taskStatusOf } from './status.ts'

/** Jobs from "render succeeded, chunk running". */
const jobs = (text: string) =>
  text.split(', ').map((job) => {
    const [kind, status] = job.split(' ') as [JobKind, TaskStatus]
    return { kind, status }
  })

test.each([
  ['queued', 'render queued'],
  ['running', 'render running'],
  ['succeeded', 'render succeeded'],
  ['failed', 'render failed'],
  ['aborted', 'render aborted'],
  ['running', 'render succeeded, chunk queued, chunk queued, stitch queued'],
  ['running', 'render succeeded, chunk running, chunk queued, stitch queued'],
  ['running', 'render succeeded, chunk succeeded, chunk queued, stitch queued'],
  ['running', 'render succeeded, chunk succeeded, audio succeeded, stitch queued'],
  ['running', 'render succeeded, chunk succeeded, audio succeeded, stitch running'],
  ['succeeded', 'render succeeded, chunk succeeded, audio succeeded, stitch succeeded'],
  ['failed', 'render succeeded, chunk failed, chunk aborted, stitch aborted'],
  ['failed', 'render succeeded, chunk succeeded, stitch failed'],
  ['aborted', 'render succeeded, chunk aborted, stitch aborted'],
  ['aborted', 'render succeeded, chunk succeeded, stitch aborted'],
] as const)('a task is %s with: %s', (status, text) => {
  expect(taskStatusOf(jobs(text))).toBe(status)
})

test('only a queued job is claimed, and only a running one ends', () => {
  const statuses: TaskStatus[] = ['queued', 'running', 'succeeded', 'failed', 'aborted']
  expect(statuses.filter((status) => statusAfter(status, 'claim'))).toEqual(['queued'])
  expect(statuses.filter((status) => statusAfter(status, 'complete'))).toEqual(['running'])
})
