/**
 * The doorbell between web and batch. A ring carries a job id and nothing that matters: losing one, hearing
 * it five times or an hour late changes nothing but time, since Postgres holds the truth and the sweep rings
 * again.
 */
export type Queue = {
  /**
   * Announces a job. Resolves when the announcement is accepted, not when the job is done.
   * Throws `queue.unavailable` when nobody took it within seconds; the caller may leave it to the sweep.
   */
  publish(jobId: string): Promise<void>
  /**
   * Lets calls of ring that are under way come to their end, then lets go of connections. What was accepted but
   * not yet pushed may be lost: the sweep rings again. A ring after it throws; a second close does nothing.
   */
  close(): Promise<void>
}
