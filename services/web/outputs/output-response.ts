import type { TaskOutput } from '#shared/contract/tasks.ts'
import type { StoredOutput } from '#shared/tasks/rows.ts'

/** An output as the API shows it: its key in storage stays internal. */
export const toOutput = ({ key: _, ...output }: StoredOutput, taskUrl: string): TaskOutput => ({
  ...output,
  url: `${taskUrl}/outputs/${encodeURIComponent(output.name)}`,
})
