import { randomUUID } from 'node:crypto'
import { CutroomError } from '#shared/errors.ts'
import type { Claim } from '#shared/tasks/rows.ts'
import type { UploadRepository } from '#shared/uploads/upload-repository.ts'
import { createJobSlots } from '../jobs/job-slots.ts'
import { openFiles } from '../jobs/open-files.ts'
import { openWorkspace } from '../jobs/workspace.ts'
import type { MediaFiles } from '../media/types.ts'
import type { Sources } from '../sources/open-source.ts'

export type ShortWorkDeps = { sources: Pick<Sources, 'open'>; uploads: Pick<UploadRepository, 'find'> }

/** `concurrency`: how many at a time. `deadlineMs`: limit for one of them. */
export type ShortWorkSettings = { concurrency: number; deadlineMs: number; scratchDir: string }

export type ShortWork = {
  /**
   * Opens the files of a recipe in a workspace of their own and does something with them. It ends when `caller` is aborted.
   * @throws CutroomError `service.busy` when too much is in progress, `service.stopping`, `media.timed_out`, what opening and the
   * work itself throw
   */
  run<T>(
    request: Pick<Claim, 'userId' | 'recipe'>,
    caller: AbortSignal | undefined,
    work: (files: MediaFiles, scratchDir: string, signal: AbortSignal) => Promise<T>,
  ): Promise<T>
  /** Resolves when nothing is in progress. */
  drained(): Promise<void>
}

/**
 * Work on sources while a client waits, with slots of its own: it must neither wait for jobs nor delay them. `name` of a piece of
 * work, as in "dry run".
 */
export function createShortWork(
  name: string,
  deps: ShortWorkDeps,
  { concurrency, deadlineMs, scratchDir }: ShortWorkSettings,
  stopping: AbortSignal,
): ShortWork {
  const slots = createJobSlots(concurrency)

  return {
    async run(request, caller = new AbortController().signal, work) {
      if (stopping.aborted) throw stoppingError()
      const result = slots.tryRun(async () => {
        using deadline = startDeadline(name, deadlineMs, { stopping, timedOut: timedOut(deadlineMs) })
        const signal = AbortSignal.any([deadline.signal, caller])
        const jobId = `${name.replaceAll(' ', '-')}-${randomUUID()}`
        await using workspace = await openWorkspace(scratchDir, { jobId, attempt: 0 })
        await using files = await openFiles(request, deps, workspace.dir, signal)
        signal.throwIfAborted()
        return await work(files, workspace.dir, signal)
      })
      if (result) return result
      throw busyError(name)
    },
    drained: slots.drained,
  }
}

/**
 * A signal that is aborted at the deadline, when the process stops, and when it is disposed, which ends everything
 * that is still going on.
 */
export function startDeadline(
  name: string,
  ms: number,
  { stopping, timedOut }: { stopping: AbortSignal; timedOut: Error },
): Disposable & { signal: AbortSignal } {
  const ended = new AbortController()
  const timer = setTimeout(() => ended.abort(timedOut), ms)
  const stop = () => ended.abort(stoppingError())
  stopping.addEventListener('abort', stop)
  return {
    signal: ended.signal,
    [Symbol.dispose]() {
      clearTimeout(timer)
      stopping.removeEventListener('abort', stop)
      ended.abort(new Error(`The ${name} has ended.`))
    },
  }
}

const timedOut = (ms: number) =>
  new CutroomError(
    'media.timed_out',
    `The sources could not be probed within ${ms / 1000} s. A task has more time and may still succeed.`,
  )

export const busyError = (name: string) =>
  new CutroomError('service.busy', `Too many ${name}s are in progress; try again in 2 s.`, {
    headers: { 'Retry-After': '2' },
  })

export const stoppingError = () =>
  new CutroomError('service.stopping', 'This instance is shutting down; try again in 2 s.', {
    headers: { 'Retry-After': '2' },
  })
