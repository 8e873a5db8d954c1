import type { Event } from '#shared/contract/events/events.ts'
import type { EventRow } from '#shared/events/event-repository.ts'
import type { StoredOutput } from '#shared/tasks/rows.ts'
import { toOutput } from '../outputs/output-response.ts'

/** An event as the API returns it. Storage keys stay internal; outputs get a URL below `publicUrl` instead. */
export function toEvent({ sequence, type, data, created_at }: EventRow, publicUrl: string): Event {
  const { outputs, ...rest } = data as { id?: string; outputs?: StoredOutput[] }
  const taskUrl = `${publicUrl}/tasks/${rest.id}`
  return {
    sequence,
    type,
    timestamp: new Date(created_at).toISOString(),
    data: outputs ? { ...rest, outputs: outputs.map((output) => toOutput(output, taskUrl)) } : rest,
    // The triggers that write events keep to the contract; the tests hold them to it.
  } as Event
}
