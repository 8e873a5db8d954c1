/** Pub/Sub's longest acknowledgement deadline, after which it closes and repeats a push. */
export const PUSH_TIMEOUT_MS = 600_000

/**
 * Wakes batch up when there is a job to claim. Postgres is the source of truth and a message carries only a job id: a
 * message that is lost, repeated or late delays a job but never loses it, because the sweep publishes again.
 */
export type Queue = {
  /**
   * Publishes a job. Resolves when the queue has accepted the message, not when the job is done.
   *
   * @throws CutroomError `queue.unavailable` when the message was not accepted within seconds, or after `close`. The
   * caller may leave the job to the sweep.
   */
  publish(jobId: string): Promise<void>
  /**
   * Waits for calls of `publish` that are still running, then releases all connections. Accepted messages that have
   * not been delivered may be lost. Further calls do nothing.
   */
  close(): Promise<void>
}
