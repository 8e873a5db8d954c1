import type { Task } from '#shared/contract/tasks.ts'
import type { NotifyRow, StoredOutput, TaskRow } from '#shared/tasks/rows.ts'

/** A task as the API shows it. Where its files are kept stays inside. */
export function toTaskResponse(row: TaskRow, publicUrl: string): Task {
  const address = `${publicUrl}/tasks/${row.id}`
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
    outputs: row.outputs.map((output) => describeOutput(output, address)),
    notify: describeNotify(row.notify),
    created_at: row.created_at.toISOString(),
    started_at: row.started_at?.toISOString() ?? null,
    finished_at: row.finished_at?.toISOString() ?? null,
  }
}

function describeNotify(rows: NotifyRow[]): Task['notify'] {
  const shown = rows.map(({ channel, target, ...delivery }) => [
    channel,
    { ...delivery, ...(target !== null && { url: target }) },
  ])
  return Object.fromEntries(shown)
}

function describeOutput({ key: _, ...output }: StoredOutput, address: string) {
  return { ...output, url: `${address}/outputs/${encodeURIComponent(output.name)}` }
}
