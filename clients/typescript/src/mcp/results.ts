import type { TaskDetails } from '../api.ts'
import type { Client } from '../client.ts'

/** What an agent needs of a task: not the recipe, which it wrote itself. */
export type Linked = Pick<TaskDetails, 'id' | 'status' | 'progress' | 'seconds_left' | 'error'> & {
  outputs: LinkedOutput[]
}
/** Duration in seconds, size in pixels, and a link that plays. */
type LinkedOutput = {
  name: string
  content_type: string
  bytes: number
  seconds: number | null
  width: number | null
  height: number | null
  link: string
}

/** Links for more outputs than this would be many requests, and nothing that a model reads. */
const MAX_LINKS = 20

/** The task, with links to its outputs that need no token. */
export async function withLinks(task: TaskDetails, client: Client, signal: AbortSignal): Promise<Linked> {
  const { id, status, progress, seconds_left, error } = task
  const outputs: LinkedOutput[] = []
  for (const { name, content_type, bytes, seconds = null, width = null, height = null } of task.outputs.slice(
    0,
    MAX_LINKS,
  )) {
    const link = await client.tasks.outputs.link(id, name, 3600, { signal })
    outputs.push({ name, content_type, bytes, seconds, width, height, link })
  }
  return { id, status, progress, seconds_left, error, outputs }
}
