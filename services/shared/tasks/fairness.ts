/**
 * SQL that chooses and locks the job whose turn it is. Users take turns: whoever has least running comes
 * first, then whoever was served longest ago, so that one user's hundreds of tasks delay nobody else's first
 * by more than a task's time. Within a user the oldest goes first.
 *
 * The recursion jumps along the index from one waiting user to the next: its cost follows the number of users
 * who wait, not of jobs. SKIP LOCKED lets workers that choose at the same moment choose different jobs.
 */
export const FAIREST_JOB = `
  WITH RECURSIVE waiting AS (
    (SELECT user_id FROM jobs WHERE status = 'queued' AND run_after <= now() ORDER BY user_id LIMIT 1)
    UNION ALL
    SELECT (
      SELECT user_id FROM jobs
      WHERE status = 'queued' AND run_after <= now() AND user_id > waiting.user_id
      ORDER BY user_id LIMIT 1
    ) FROM waiting WHERE user_id IS NOT NULL
  ), turns AS MATERIALIZED (
    SELECT users.id AS user_id,
      (SELECT count(*) FROM jobs WHERE status = 'running' AND user_id = users.id) AS running, served_at
    FROM waiting JOIN users ON users.id = waiting.user_id
    ORDER BY running, served_at NULLS FIRST, user_id
  )
  SELECT oldest.id FROM turns CROSS JOIN LATERAL (
    SELECT id FROM jobs
    WHERE status = 'queued' AND run_after <= now() AND jobs.user_id = turns.user_id
    ORDER BY created_at LIMIT 1 FOR UPDATE SKIP LOCKED
  ) oldest LIMIT 1`
