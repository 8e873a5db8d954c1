/**
 * What became of a push:
 * - `done`: the job was worked on, and its end is recorded
 * - `failed`: the job failed for good, and that is recorded
 * - `finished`: the job had come to its end long ago
 * - `duplicate`: somebody else holds a live lease on the job
 * - `unknown`: there is no such job
 * - `unreadable`: the push names no job at all
 * - `busy`: every place is taken here; another instance, or this one later, may have one
 * - `no_room`: this worker has no room for what the job makes; another may have it
 * - `retry`: this attempt ended early, and another may do better
 * - `stopping`: this instance is shutting down
 */
export type PushOutcome =
  | 'done'
  | 'failed'
  | 'finished'
  | 'duplicate'
  | 'unknown'
  | 'unreadable'
  | 'busy'
  | 'no_free_space'
  | 'retry'
  | 'stopping'

/**
 * 204 takes the message out of the queue, everything else brings it back. There is no other 2xx here: 202
 * reads like an acknowledgement, and the Pub/Sub emulator sends the message again.
 */
const STATUS: Record<PushOutcome, 204 | 429 | 503> = {
  done: 204,
  failed: 204,
  finished: 204,
  duplicate: 204,
  unknown: 204,
  unreadable: 204,
  busy: 429,
  no_free_space: 503,
  retry: 503,
  stopping: 503,
}

/** The status that tells the queue whether to push again. */
export const replyStatus = (outcome: PushOutcome) => STATUS[outcome]
