import { CutroomError } from '#shared/errors.ts'
import { createFairQueue } from '#shared/limits/fair-queue.ts'
import { type BatchCall, type BatchService, DRY_RUN } from './batch-client.ts'

export type TurnTimes = {
  /** How long a dry run waits for its turn. */
  maxWaitMs: number
  /** How long it may take while others wait. */
  contendedMs: number
}

const TIMES: TurnTimes = { maxWaitMs: 40_000, contendedMs: 10_000 }
const MAX_WAITING = 100
const CHECK_MS = 500

/** What takes turns: `waitingPerUser` is how many calls of a user may wait while others of theirs are in progress. */
type TurnRules = { service: BatchService; waitingPerUser: number }

const DRY_RUN_RULES: TurnRules = { service: DRY_RUN, waitingPerUser: 1 }

/**
 * Has `concurrency` dry runs in progress at a time; users take turns. One whose sources are slow ends early when others wait,
 * so that a few users with such sources cannot hold all slots. It waits here and not in batch, whose requests are jobs' slots on
 * Cloud Run.
 * @throws CutroomError the service's `unavailable`, `dry_run.unavailable` for one, when too many wait, or one has waited or taken too long.
 */
export function takeTurns<Request extends { user_id: string }, Result>(
  call: BatchCall<Request, Result>,
  concurrency: number,
  { maxWaitMs, contendedMs }: TurnTimes = TIMES,
  { service, waitingPerUser }: TurnRules = DRY_RUN_RULES,
): BatchCall<Request, Result> {
  const unavailable = (reason: string) => unavailableService(service, reason)
  const queue = createFairQueue({
    concurrency,
    maxWaiting: MAX_WAITING,
    maxWaitingPerKey: waitingPerUser,
    displaced: () => unavailable(`too many ${service.name}s are waiting`),
  })

  return async (request, signal) => {
    const turn = startTimer(maxWaitMs, () => unavailable(`other ${service.name}s took too long`))
    const work = async () => {
      turn.stop()
      const contended = startTimer(
        contendedMs,
        () => unavailable('it took too long while others were waiting'),
        () => queue.waiting() === 0,
      )
      try {
        return await orAborted(call(request, AbortSignal.any([signal, contended.signal])), contended.signal)
      } finally {
        contended.stop()
      }
    }
    try {
      const result = queue.run(request.user_id, work, { signal: AbortSignal.any([signal, turn.signal]) })
      if (!result) throw unavailable(`too many ${service.name}s are waiting`)
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

const unavailableService = (service: BatchService, reason: string) =>
  new CutroomError(service.unavailable, `The ${service.name} failed: ${reason}. Try again in 10 s.`, {
    headers: { 'Retry-After': '10' },
  })
