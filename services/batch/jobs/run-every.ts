import type { Logger } from '#shared/observability/logger.ts'

/**
 * Runs `task` again and again, pausing for `intervalMs` before each run, so that runs never overlap. An error is
 * logged and does not end the series.
 *
 * @returns stops the series; resolves when the run in progress, if any, has ended
 */
export function runEvery(
  task: () => Promise<unknown>,
  intervalMs: number,
  { name, log }: { name: string; log: Logger },
): () => Promise<void> {
  let current = Promise.resolve()
  let timer: NodeJS.Timeout | undefined
  let stopped = false
  const run = async () => {
    try {
      await task()
    } catch (error) {
      log.warn('periodic task failed', { task: name, error })
    }
    schedule()
  }
  const schedule = () => {
    if (!stopped) timer = setTimeout(() => (current = run()), intervalMs)
  }
  schedule()
  return () => {
    stopped = true
    clearTimeout(timer)
    return current
  }
}
