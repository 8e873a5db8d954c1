import { expect, test } from '@jest/globals'
import type { TaskStatus } from '#shared/contract/tasks.ts'
import type { JobGroup } from '#shared/tasks/rows.ts'
import { toStages } from './task-stages.ts'

const START = new Date('2026-11-27T12:00:00Z')
const after = (seconds: number) => new Date(START.getTime() + seconds * 1000)

const group = (kind: JobGroup['kind'], status: TaskStatus, count = 1, done = 0): JobGroup => ({
  kind,
  status,
  count,
  weight: count * 10,
  done,
})
const task = (jobs: JobGroup[], status: TaskStatus = 'running') => ({ status, jobs, expanded_at: START })

test('a task with one job has no stages', () => {
  const row = { status: 'running' as const, jobs: [], expanded_at: null }
  expect(toStages(row, after(9))).toEqual({ stages: null, seconds_left: null })
})

test('stages count the chunks, and name the state of audio and stitch', () => {
  const jobs = [
    group('chunk', 'succeeded', 12, 120),
    group('chunk', 'running', 4),
    group('chunk', 'queued', 24),
    group('audio', 'running'),
    group('stitch', 'queued'),
  ]
  expect(toStages(task(jobs), after(60)).stages).toEqual({
    chunks: { done: 12, running: 4, total: 40 },
    audio: 'running',
    stitch: 'queued',
  })
})

test('a video without audio has no audio stage', () => {
  const jobs = [group('chunk', 'queued', 2), group('stitch', 'queued')]
  expect(toStages(task(jobs), after(1)).stages?.audio).toBeNull()
})

test.each([
  ['running', ['succeeded', 'queued']],
  ['running', ['running', 'queued']],
  ['failed', ['succeeded', 'aborted', 'failed']],
  ['aborted', ['succeeded', 'aborted']],
  ['succeeded', ['succeeded']],
] as const)('several audio jobs are %s together when they are %s', (expected, statuses) => {
  const jobs = [...statuses.map((status) => group('audio', status)), group('stitch', 'queued')]
  expect(toStages(task(jobs), after(1)).stages?.audio).toBe(expected)
})

test('the time left is that of the remaining work at the rate so far', () => {
  const jobs = [group('chunk', 'succeeded', 1, 10), group('chunk', 'queued', 2), group('stitch', 'queued')]
  expect(toStages(task(jobs), after(30)).seconds_left).toBe(90)
})

test('the time left is unknown before any work is done, and once the task has ended', () => {
  const none = [group('chunk', 'queued', 4), group('stitch', 'queued')]
  expect(toStages(task(none), after(30)).seconds_left).toBeNull()
  const some = [group('chunk', 'succeeded', 2, 20), group('stitch', 'aborted')]
  expect(toStages(task(some, 'aborted'), after(30)).seconds_left).toBeNull()
})
