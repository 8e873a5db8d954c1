import { useEffect } from 'preact/hooks'
import { ApiError, backoffMs } from '#client/core.ts'

/**
 * Calls `load` now and again after as many milliseconds as it returned; never again after undefined. A page in the background waits
 * until it is looked at, and an error until it is worth another try.
 */
export function usePolling(
  load: (signal: AbortSignal) => Promise<number | undefined>,
  inputs: unknown[],
): void {
  useEffect(() => {
    const stop = new AbortController()
    const { signal } = stop
    let timer: ReturnType<typeof setTimeout>
    let errors = 0
    async function run() {
      if (document.hidden) {
        document.addEventListener('visibilitychange', run, { once: true, signal })
        return
      }
      let delay: number | undefined
      try {
        delay = await load(signal)
        errors = 0
      } catch (error) {
        errors += 1
        // One more: a poll is in no hurry.
        delay = backoffMs(errors + 1, error instanceof ApiError ? error.retryAfter : undefined)
      }
      if (delay !== undefined && !signal.aborted) timer = setTimeout(run, delay)
    }
    run()
    return () => {
      clearTimeout(timer)
      stop.abort()
    }
  }, inputs)
}
