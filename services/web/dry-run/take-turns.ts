import { CutroomError } from '#shared/errors.ts'
import { createFairQueue } from '#shared/limits/fair-queue.ts'
import type { BatchClient } from './batch-client.ts'

export type TurnTimes = {
  /** How long a dry run waits for its turn. */
  maxWaitMs: number
  /** How long it may take while others wait. */
  contendedMs: number
}

const TIMES: TurnTimes = { maxWaitMs: 40_000, contendedMs: 10_000 }
const MAX_WAITING = 100
const CHECK_MS = 500

/**
 * Has `concurrency` dry runs in progress at a time; users take turns. One whose sources are slow ends early when others wait,
 * so that a few users with such sources cannot hold all slots. It waits here and not in batch, whose requests are jobs' slots on
 * Cloud Run.
 * @throws CutroomError `dry_run.unavailable` when too many wait, or one has waited or taken too long.
 */
export function takeTurns(
  requestDryRun: BatchClient,
  concurrency: number,
  { maxWaitMs, contendedMs }: TurnTimes = TIMES,
): BatchClient {
  const queue = createFairQueue({
    concurrency,
    maxWaiting: MAX_WAITING,
    maxWaitingPerKey: 1,
    displaced: () => unavailable('too many dry runs are waiting'),
  })

  return async (request, signal) => {
    const turn = startTimer(maxWaitMs, () => unavailable('other dry runs took too long'))
    const work = async () => {
      turn.stop()
      const contended = startTimer(
        contendedMs,
        () => unavailable('it took too long while others were waiting'),
        () => queue.waiting() === 0,
      )
      try {
        return await orAborted(
          requestDryRun(request, AbortSignal.any([signal, contended.signal])),
          contended.signal,
        )
      } finally {
        contended.stop()
      }
    }
    try {
      const result = queue.run(request.user_id, work, { signal: AbortSignal.any([signal, turn.signal]) })
      if (!result) throw unavailable('too many dry runs are waiting')
      return await result
    } finally {
      turn.stop()
    }
  }
}

/** The promise, or the reason of the signal: what is aborted may reject with an error of its own. */
const orAborted = <T>(promise: Promise<T>, signal: AbortSignal): Promise<T> =>
  promise.catch((error) => {
    throw signal.aborted ? signal.reason : error
  })

/** A signal that is aborted after `ms`, or later, once `unless` no longer holds. */
function startTimer(ms: number, reason: () => Error, unless: () => boolean = () => false) {
  const controller = new AbortController()
  let timer: NodeJS.Timeout
  const check = () => {
    if (unless()) timer = setTimeout(check, CHECK_MS)
    else controller.abort(reason())
  }
  timer = setTimeout(check, ms)
  return { signal: controller.signal, stop: () => clearTimeout(timer) }
}

const unavailable = (reason: string) =>
  new CutroomError('dry_run.unavailable', `The dry run failed: ${reason}. Try again in 10 s.`, {
    headers: { 'Retry-After': '10' },
  })
