/**
 * SQL that selects and locks the next job. Users take turns: the user with the fewest running jobs comes first, then
 * the one who was served longest ago, so that one user's hundreds of tasks delay another user's first task by no more
 * than one job. Within a user the oldest job goes first.
 *
 * The recursion skips along the index from one user with queued jobs to the next (a loose index scan), so its cost
 * grows with the number of such users, not with the number of jobs. SKIP LOCKED lets concurrent workers select
 * different jobs.
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
