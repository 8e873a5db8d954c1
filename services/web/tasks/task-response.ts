import { SUMMARY_MESSAGE, type Task, type TaskDetails, type TaskSummary } from '#shared/contract/tasks.ts'
import type { NotifyRow, TaskDetailsRow, TaskRow, TaskSummaryRow } from '#shared/tasks/rows.ts'
import { toOutput } from '../outputs/output-response.ts'
import { toStages } from './task-stages.ts'

/** A task row as the API returns it. Storage keys stay internal; outputs get a URL below `publicUrl` instead. */
export function toTaskResponse(row: TaskRow, publicUrl: string): Task {
  const taskUrl = `${publicUrl}/tasks/${row.id}`
  return {
    id: row.id,
    name: row.name || null,
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
    metadata: row.metadata,
    destination: row.destination,
    priority: row.priority,
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

/** A task as a list shows it. A webhook's URL is left out, since it may be long. */
export function toTaskSummary(row: TaskSummaryRow, publicUrl: string): TaskSummary {
  const taskUrl = `${publicUrl}/tasks/${row.id}`
  return {
    id: row.id,
    name: row.name || null,
    status: row.status,
    progress: row.progress,
    preset: row.preset,
    attempts: row.attempts,
    error: row.error && { code: row.error.code, message: cut(row.error.message) },
    outputs: row.outputs.map((output) => toOutput(output, taskUrl)),
    output_count: row.output_count,
    notify: Object.fromEntries(row.notify.map(({ channel, target: _, ...delivery }) => [channel, delivery])),
    created_at: row.created_at.toISOString(),
    started_at: row.started_at?.toISOString() ?? null,
    finished_at: row.finished_at?.toISOString() ?? null,
  }
}

const cut = (message: string) =>
  message.length > SUMMARY_MESSAGE ? `${message.slice(0, SUMMARY_MESSAGE).toWellFormed()}…` : message

/** Notification states by channel; a webhook's target is its URL. */
function toNotified(rows: NotifyRow[]): Task['notify'] {
  const entries = rows.map(({ channel, target, ...delivery }) => [
    channel,
    { ...delivery, ...(target !== null && { url: target }) },
  ])
  return Object.fromEntries(entries)
}
