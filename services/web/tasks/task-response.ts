import type { Task, TaskDetails } from '#shared/contract/tasks.ts'
import type { NotifyRow, StoredOutput, TaskDetailsRow, TaskRow } from '#shared/tasks/rows.ts'
import { toStages } from './task-stages.ts'

/** A task row as the API returns it. Storage keys stay internal; outputs get a URL below `publicUrl` instead. */
export function toTaskResponse(row: TaskRow, publicUrl: string): Task {
  const taskUrl = `${publicUrl}/tasks/${row.id}`
  return {
    id: row.id,
    status: row.status,
    progress: row.progress,
    preset: row.preset,
    recipe: row.recipe,
    attempts: row.attempts,
    failures: row.failures,
    error: row.error,
    sources: row.sources,
    outputs: row.outputs.map((output) => toOutput(output, taskUrl)),
    notify: toNotified(row.notify),
    created_at: row.created_at.toISOString(),
    started_at: row.started_at?.toISOString() ?? null,
    finished_at: row.finished_at?.toISOString() ?? null,
  }
}

/** A single task as the API returns it, with the stages of its work. */
export const toTaskDetails = (row: TaskDetailsRow, publicUrl: string, now: Date): TaskDetails => ({
  ...toTaskResponse(row, publicUrl),
  ...toStages(row, now),
})

/** Notification states by channel; a webhook's target is its URL. */
function toNotified(rows: NotifyRow[]): Task['notify'] {
  const entries = rows.map(({ channel, target, ...delivery }) => [
    channel,
    { ...delivery, ...(target !== null && { url: target }) },
  ])
  return Object.fromEntries(entries)
}

function toOutput({ key: _, ...output }: StoredOutput, taskUrl: string) {
  return { ...output, url: `${taskUrl}/outputs/${encodeURIComponent(output.name)}` }
}
