import { CutroomError } from '#shared/errors.ts'
import { NOT_OPENED } from '../media/chunks/task-plan.ts'
import type { TaskPlan } from '../media/chunks/types.ts'
import type { FileVersion } from '../media/probe/media-input.ts'
import type { MediaFiles } from '../media/types.ts'

/**
 * Makes sure that the sources are the files that a task was planned for: its jobs may run hours apart.
 * @throws CutroomError `source.changed`
 */
export function requireUnchanged({ versions }: TaskPlan, { sources }: Pick<MediaFiles, 'sources'>): void {
  for (const [index, input] of sources.entries()) {
    const planned = versions[index]
    if (input === NOT_OPENED || !planned || !input.version || isSameVersion(planned, input.version)) continue
    throw new CutroomError(
      'source.changed',
      `Source ${index + 1} changed while it was being processed: it had ${planned.bytes} bytes when the task began and ` +
        `has ${input.version.bytes} now. Retry the task once the file is complete.`,
    )
  }
}

/** A host that answers ranges wrongly is read as a whole, and then only the size tells. */
const isSameVersion = (a: FileVersion, b: FileVersion): boolean =>
  a.bytes === b.bytes && (a.tag === null || b.tag === null || a.tag === b.tag)
