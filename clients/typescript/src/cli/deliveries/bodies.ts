import type { Event, EventType, TaskEvent, WebhookEvent } from '../../api.ts'
import type { Client } from '../../client.ts'
import { CutroomError } from '../../errors.ts'

/** How a receiver gets events: as the webhook of a task does, or as a webhook endpoint of the account. */
export type Form = 'task' | 'endpoint'

/** What the webhook of a task receives. */
export const TASK_TYPES = ['task.succeeded', 'task.failed', 'task.aborted'] as const satisfies EventType[]

/** What a webhook endpoint receives when nothing is chosen. */
export const DEFAULT_TYPES = [
  'task.created',
  'task.running',
  ...TASK_TYPES,
  'upload.completed',
] as const satisfies EventType[]

/** What a webhook endpoint can receive. */
export const EVENT_TYPES = [
  ...DEFAULT_TYPES,
  'task.queued',
  'task.progress',
  'task.deleted',
] as const satisfies EventType[]

/** The body of the request for an event. */
export const toBody = (event: Event, form: Form, client: Client, signal: AbortSignal) =>
  form === 'endpoint' ? toWebhookEvent(event) : toTaskEvent(event, client, signal)

/** What a webhook endpoint gets: the event without links. Pure. */
function toWebhookEvent({ type, sequence, timestamp, data }: Event): WebhookEvent {
  const outputs = 'outputs' in data && data.outputs.map(({ url: _, ...output }) => output)
  return { type, sequence, timestamp, data: { ...data, ...(outputs && { outputs }) } }
}

/** What the webhook of a task gets: the task as it is now, or the event's summary of one that was deleted. */
async function toTaskEvent(
  { type, timestamp, data }: Event,
  client: Client,
  signal: AbortSignal,
): Promise<TaskEvent> {
  const summary = data as TaskEvent['data']
  const task = await client.tasks.get(summary.id, { signal }).catch((error) => {
    if (error instanceof CutroomError && error.code === 'task.not_found') return summary
    throw error
  })
  const { id, status, error, outputs, metadata, finished_at } = task
  return {
    type,
    timestamp,
    data: {
      id,
      status,
      error: error && { code: error.code, message: error.message },
      outputs: outputs.map(({ name, content_type, bytes, seconds, width, height }) => ({
        ...{ name, content_type, bytes, seconds, width, height },
      })),
      ...(Object.keys(metadata ?? {}).length > 0 && { metadata }),
      finished_at,
    },
  } as TaskEvent
}
