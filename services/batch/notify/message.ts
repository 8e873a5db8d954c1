import { TaskEvent } from '#shared/contract/task-event.ts'
import type { DueNotification } from '#shared/tasks/notification-repository.ts'

/** The most outputs that an e-mail lists: splitting a long video makes hundreds of parts. */
const MAX_LISTED_OUTPUTS = 20

/** Drops the fields that are not part of the contract, such as storage keys. */
const Outputs = TaskEvent.shape.data.shape.outputs

/** The body of a webhook. It holds no links and no ffmpeg output: receivers fetch the task for those. */
export function toTaskEvent({
  taskId,
  status,
  error,
  outputs,
  metadata,
  finishedAt,
}: DueNotification): TaskEvent {
  const finished_at = finishedAt.toISOString()
  return {
    type: `task.${status}`,
    timestamp: finished_at,
    data: {
      id: taskId,
      status,
      error: error && { code: error.code, message: error.message },
      outputs: Outputs.parse(outputs),
      ...(Object.keys(metadata).length > 0 && { metadata }),
      finished_at,
    },
  }
}

const STATUS_TEXT = { succeeded: 'has succeeded', failed: 'has failed', aborted: 'was aborted' }

/** Subject and plain text of an e-mail. The subject holds nothing that a user chose. */
export function toMailText(due: DueNotification, publicUrl: string): { subject: string; text: string } {
  const { taskId, status, username } = due
  const lines = [
    `Hello ${oneLine(username)},`,
    '',
    `Your task ${taskId} ${STATUS_TEXT[status]}.`,
    ...details(due),
    '',
    `${publicUrl}/tasks/${taskId}`,
    '',
  ]
  return { subject: `Cutroom: task ${taskId.slice(0, 8)} ${status}`, text: lines.join('\n') }
}

function details({ status, error, outputs }: DueNotification): string[] {
  if (status === 'failed') {
    return ['', `${oneLine(error?.message ?? 'No reason was recorded.')} (${error?.code})`]
  }
  if (outputs.length === 0) return []
  const names = outputs.slice(0, MAX_LISTED_OUTPUTS).map(({ name }) => `  ${oneLine(name)}`)
  const more = outputs.length - names.length
  return ['', 'Outputs:', ...names, ...(more > 0 ? [`  and ${more} more`] : [])]
}

/** Text that can neither end its line nor begin another. */
export const oneLine = (text: string) => text.replace(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ')
