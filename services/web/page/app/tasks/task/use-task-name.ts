import { useSignal } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import type { Task } from '#shared/contract/tasks.ts'
import { fetchUpload } from '../../api/operations.ts'
import { joinedName, nameOfLinks, rememberedName } from '../task-names.ts'

/** The name of a task; in another browser than the one that created it, that of its upload while that is kept. */
export function useTaskName(task: Task | undefined): string | undefined {
  const filename = useSignal<string | undefined>(undefined)
  const known = task && (rememberedName(task.id) ?? nameOfLinks(task))
  const uploadId = known === undefined ? task?.recipe.sources[0]?.upload_id : undefined
  useEffect(() => {
    if (!uploadId) return
    fetchUpload(uploadId)
      .then((upload) => (filename.value = upload.filename))
      // It has expired; the task keeps a general name.
      .catch(() => undefined)
  }, [uploadId])
  if (known !== undefined || filename.value === undefined) return known
  return joinedName([filename.value, ...(task?.recipe.sources.slice(1) ?? []).map(() => '')])
}
