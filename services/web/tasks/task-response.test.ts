import { expect, test } from '@jest/globals'
import { Task } from '#shared/contract/tasks.ts'
import type { TaskRow } from '#shared/tasks/rows.ts'
import { toTaskResponse } from './task-response.ts'

const id = '3a1c9d9e-2f52-4f43-9a8c-1a1de2a40e01'
const at = (second: number) => new Date(Date.UTC(2026, 10, 20, 12, 0, second))
const row = (more: Partial<TaskRow> = {}): TaskRow => ({
  id,
  user_id: '3a1c9d9e-2f52-4f43-9a8c-1a1de2a40e02',
  name: 'a.mp4',
  status: 'queued',
  preset: 'reel',
  recipe: { sources: [{ url: 'https://example.com/a.mp4' }], audio: 'keep' },
  progress: 0,
  attempts: 0,
  failures: [],
  error: null,
  sources: [],
  outputs: [],
  notify: [],
  created_at: at(0),
  updated_at: at(0),
  started_at: null,
  finished_at: null,
  expanded_at: null,
  metadata: {},
  priority: 0,
  destination: null,
  ...more,
})
const output = (name: string) => ({
  name,
  content_type: 'video/mp4',
  bytes: 5,
  seconds: 20,
  key: `tasks/${id}/job-1/${name}`,
})

test('a new task matches the contract', () => {
  const task = toTaskResponse(row(), 'https://cutroom.test')
  expect(Task.parse(task)).toEqual(task)
  expect(task).toMatchObject({ created_at: '2026-11-20T12:00:00.000Z', started_at: null, finished_at: null })
})

test('times are ISO 8601 strings once they are set', () => {
  const task = toTaskResponse(row({ started_at: at(1), finished_at: at(2) }), '')
  expect([task.started_at, task.finished_at]).toEqual([
    '2026-11-20T12:00:01.000Z',
    '2026-11-20T12:00:02.000Z',
  ])
})

test('an output has a URL with its name encoded, and no storage key', () => {
  const outputs = [output('reel.mp4'), output('a b?/#.mp4')]
  const task = toTaskResponse(row({ status: 'succeeded', outputs }), 'https://cutroom.test')
  expect(task.outputs).toEqual([
    {
      name: 'reel.mp4',
      content_type: 'video/mp4',
      bytes: 5,
      seconds: 20,
      url: `https://cutroom.test/tasks/${id}/outputs/reel.mp4`,
    },
    expect.objectContaining({ url: `https://cutroom.test/tasks/${id}/outputs/a%20b%3F%2F%23.mp4` }),
  ])
})

test('the response has exactly the fields of the contract, without the owner', () => {
  expect(Object.keys(toTaskResponse(row(), '')).sort()).toEqual(Object.keys(Task.shape).sort())
})
