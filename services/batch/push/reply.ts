/**
 * What became of a push:
 * - `done`: the job was worked on, and its result is recorded
 * - `failed`: the job failed for good, and that is recorded
 * - `finished`: the job had ended before, or another worker has taken it over
 * - `duplicate`: another worker holds the job, or it is not due yet
 * - `unknown`: the job does not exist
 * - `unreadable`: the push names no job
 * - `queued`: all slots are in use, and this instance will claim the job by itself unless another one does
 * - `none`: no job was announced, and none was ready; never the outcome of a push
 * - `busy`: no slot is free; another instance, or this one later, may have one
 * - `reserved`: a job that must run alone has this worker for itself; claimed by none, it never reaches the queue
 * - `no_free_space`: this worker's disk is too full for the job's outputs; another worker may have space
 * - `handed_over`: the job takes longer than a push may, and waits for a worker that has the time
 * - `retry`: this attempt ended early, and another may succeed
 * - `stopping`: this instance is shutting down
 */
export type PushOutcome =
  | 'done'
  | 'failed'
  | 'finished'
  | 'duplicate'
  | 'unknown'
  | 'unreadable'
  | 'queued'
  | 'none'
  | 'busy'
  | 'reserved'
  | 'no_free_space'
  | 'handed_over'
  | 'retry'
  | 'stopping'

/**
 * 204 acknowledges the message, every other status makes the queue push it again. No other 2xx is used: 202 reads
 * like an acknowledgement, but the Pub/Sub emulator pushes again after it.
 */
const STATUS: Record<PushOutcome, 204 | 429 | 503> = {
  done: 204,
  failed: 204,
  finished: 204,
  duplicate: 204,
  unknown: 204,
  unreadable: 204,
  queued: 204,
  none: 204,
  handed_over: 204,
  busy: 429,
  reserved: 429,
  no_free_space: 503,
  retry: 503,
  stopping: 503,
}

/** The HTTP status that tells the queue whether to push again. */
export const replyStatus = (outcome: PushOutcome) => STATUS[outcome]
