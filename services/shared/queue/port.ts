/**
 * The doorbell between web and batch. A ring carries a job id and nothing that matters: losing one, hearing
 * it five times or an hour late changes nothing but time, since Postgres holds the truth and the sweep rings
 * again.
 */
export type Queue = {
  /**
   * Announces a job. Resolves when the announcement is accepted, not when the job is done.
   * Throws `queue.unavailable` when nobody took it; the caller may leave it to the sweep.
   */
  ring(jobId: string): Promise<void>
  /** Flushes what is on its way and lets go of connections. A second call does nothing. */
  close(): Promise<void>
}
