import type { DueNotification } from '#shared/tasks/notification-repository.ts'
import { newWebhookSecret } from '#shared/tasks/webhook-secrets.ts'

const taskId = '22222222-2222-4222-8222-222222222222'

/** A notification about a task with one output; a test overrides the fields that it cares about. */
export const due = (overrides: Partial<DueNotification> = {}): DueNotification => ({
  id: '44444444-4444-4444-8444-444444444444',
  attempt: 1,
  channel: 'webhook',
  target: 'https://example.com/hook',
  email: 'ada@example.org',
  isVerified: false,
  username: 'ada',
  secret: newWebhookSecret(),
  taskId,
  status: 'succeeded',
  error: null,
  outputs: [outputNamed('output.mp4')],
  metadata: {},
  finishedAt: new Date(Date.UTC(2026, 10, 21, 12)),
  ...overrides,
})

export const outputNamed = (name: string) => ({
  name,
  content_type: 'video/mp4',
  bytes: 5,
  seconds: 20,
  key: `tasks/${taskId}/job-1/${name}`,
})
