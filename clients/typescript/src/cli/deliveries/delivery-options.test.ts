import { expect, test } from '@jest/globals'
import type { Context } from '../command.ts'
import { DEFAULT_TYPES, EVENT_TYPES, TASK_TYPES } from './bodies.ts'
import { wantedDeliveries } from './delivery-options.ts'

const wanted = (values: Record<string, string>) =>
  wantedDeliveries({ values: { 'forward-to': 'http://localhost:3000', ...values } } as unknown as Context)

test.each([
  [{}, 'task', TASK_TYPES],
  [{ types: 'task.failed' }, 'task', ['task.failed']],
  [{ types: 'task.failed,upload.completed' }, 'endpoint', ['task.failed', 'upload.completed']],
  [{ types: 'all' }, 'endpoint', EVENT_TYPES],
  [{ as: 'endpoint' }, 'endpoint', DEFAULT_TYPES],
  [{ as: 'endpoint', types: 'task.failed' }, 'endpoint', ['task.failed']],
  [{ webhook: 'https://example.com/hooks' }, 'endpoint', undefined],
])('%j delivers as a %s receives events', (values, form, types) => {
  expect(wanted(values)).toMatchObject({ form, types })
})

test.each([
  [{ 'forward-to': 'localhost:3000' }, '--forward-to'],
  [{ 'forward-to': 'http://ada:secret@localhost' }, 'takes no user name and password;'],
  [{ types: 'task.finished' }, 'There is no event "task.finished"'],
  [{ as: 'task', types: 'task.created' }, 'has no event task.created'],
  [{ as: 'task', webhook: 'https://example.com/hooks' }, 'no --as task'],
  [{ as: 'mail' }, 'is not a form'],
])('%j is refused', (values, message) => {
  expect(() => wanted(values)).toThrow(message)
})
