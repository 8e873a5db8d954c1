import { TaskEvent } from '#shared/contract/task-event.ts'
import type { DueNotification } from '#shared/tasks/notification-repository.ts'

/** Outputs a mail names; a long video makes hundreds of parts. */
const mostNames = 20

/** Leaves out what it does not name, such as where files lie. */
const Outputs = TaskEvent.shape.data.shape.outputs

/** What a webhook is sent. No links and no last words of tools: whoever listens asks for the task. */
export function eventOf({ taskId, status, error, outputs, finishedAt }: DueNotification): TaskEvent {
  const finished_at = finishedAt.toISOString()
  return {
    type: `task.${status}`,
    timestamp: finished_at,
    data: {
      id: taskId,
      status,
      error: error && { code: error.code, message: error.message },
      outputs: Outputs.parse(outputs),
      finished_at,
    },
  }
}

/** What a mail says, as plain text. Nothing that a person chose stands in the subject. */
export function mailOf(due: DueNotification, publicUrl: string): { subject: string; text: string } {
  const { taskId, status, username } = due
  const lines = [
    `Hello ${oneLine(username)},`,
    '',
    `your task ${taskId} ${{ succeeded: 'has succeeded', failed: 'has failed', aborted: 'was aborted' }[status]}.`,
    ...details(due),
    '',
    `${publicUrl}/tasks/${taskId}`,
    '',
  ]
  return { subject: `Cutroom: task ${taskId.slice(0, 8)} ${status}`, text: lines.join('\n') }
}

function details({ status, error, outputs }: DueNotification): string[] {
  if (status === 'failed')
    return ['', `${oneLine(error?.message ?? 'No reason was noted.')} (${error?.code})`]
  if (outputs.length === 0) return []
  const names = outputs.slice(0, mostNames).map(({ name }) => `  ${oneLine(name)}`)
  const more = outputs.length - names.length
  return ['', 'It made:', ...names, ...(more > 0 ? [`  and ${more} more`] : [])]
}

/** Text that can neither end its line nor begin another. */
const oneLine = (text: string) => text.replace(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ')
