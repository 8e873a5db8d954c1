import { z } from 'zod'
import { Uuid } from '../id.ts'
import { commaSeparated } from '../paging.ts'
import { Metadata } from '../tasks/metadata.ts'
import { TaskSummary } from '../tasks.ts'
import { UploadDetails } from '../uploads.ts'

const TASK_EVENT_TYPES = [
  'task.created',
  'task.queued',
  'task.running',
  'task.progress',
  'task.succeeded',
  'task.failed',
  'task.aborted',
] as const

const EVENT_TYPES = [...TASK_EVENT_TYPES, 'task.deleted', 'upload.completed'] as const
export const EventType = z.enum(EVENT_TYPES).meta({ id: 'EventType' })
export type EventType = z.infer<typeof EventType>

const common = {
  sequence: z.int().min(1).meta({
    description:
      'Number of the event among those of the user, from 1. Once an event can be read, no event with a lower number is added.',
  }),
  timestamp: z.iso.datetime().meta({ description: 'When it happened.' }),
}

/** The task of an event: what a list shows, without the state of notifications. */
const EventTask = TaskSummary.pick({
  id: true,
  name: true,
  status: true,
  progress: true,
  preset: true,
  attempts: true,
  error: true,
  outputs: true,
  output_count: true,
  created_at: true,
  started_at: true,
  finished_at: true,
})
  .extend({ metadata: Metadata.optional() })
  .meta({
    id: 'EventTask',
    description: 'The task as it was then, without recipe and sources. `metadata` where it has any.',
  })

/** What happened to a task or an upload. */
export const Event = z
  .discriminatedUnion('type', [
    z.object({ ...common, type: z.enum(TASK_EVENT_TYPES), data: EventTask }).meta({ id: 'TaskStateEvent' }),
    z
      .object({ ...common, type: z.literal('task.deleted'), data: z.object({ id: z.uuid() }) })
      .meta({ id: 'TaskDeletedEvent' }),
    z
      .object({
        ...common,
        type: z.literal('upload.completed'),
        data: UploadDetails.pick({
          upload_id: true,
          filename: true,
          content_type: true,
          bytes: true,
          created_at: true,
          expires_at: true,
        }),
      })
      .meta({ id: 'UploadEvent' }),
  ])
  .meta({ id: 'Event' })
export type Event = z.infer<typeof Event>

const SequenceNumber = z.coerce.number().int().min(0)

export const EventsQuery = z
  .object({
    after: SequenceNumber.optional().meta({
      description:
        'Return events with greater sequence numbers. By default, a page begins with the oldest event and a stream with the next one.',
    }),
    max: z.coerce
      .number()
      .int()
      .min(1)
      .max(100)
      .default(20)
      .meta({ description: 'Maximum number of events in a page. A stream ignores it.' }),
    types: commaSeparated(EventType)
      .optional()
      .meta({
        description: `Return only events of these types, separated by commas: ${EVENT_TYPES.map((type) => `\`${type}\``).join(', ')}.`,
        example: 'task.succeeded,task.failed',
      }),
    task_id: Uuid.optional().meta({ description: 'Return only events of this task.' }),
  })
  .meta({ id: 'EventsQuery' })

export const EventsHeaders = z.object({
  'last-event-id': z
    .string()
    .regex(/^\d{1,15}$/, { error: 'must be the id of an event of this stream' })
    .optional()
    .meta({
      description:
        'The id of the last event that was received: the stream continues after it. Takes precedence over `after`.',
    }),
})

export const EventList = z
  .object({
    events: z.array(Event),
    next: z.int().meta({
      description: 'Pass it as `after` to get what follows, also when the page is empty.',
    }),
    has_more: z.boolean().meta({
      description:
        'Whether to ask again at once. A page of some types only may be short, or empty, although more follow.',
    }),
    oldest: z.int().nullable().meta({
      description:
        'Sequence number of the oldest event that is kept, or null. If it is greater than `after` + 1, events in between were deleted.',
    }),
  })
  .meta({ id: 'EventList' })
