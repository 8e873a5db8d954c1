/**
 * Jobs that can be claimed, by index: those that wait for others have a count of them, and cost nothing. Among those
 * that remain, a job whose attempt failed has a time before which it is not tried again.
 */
const READY = "status = 'queued' AND waits_for = 0 AND run_after <= now()"

/**
 * Jobs for a worker of the build in $1. All chunks of a task come from the build that planned it, so its jobs are left
 * to workers of that build. When none has claimed a job for 2 minutes, and none works on another job of the task, there
 * seems to be none left: the worker that gets the job plans the task again.
 */
const FOR_BUILD = `(build IS NULL OR build = $1 OR run_after < now() - interval '2 minutes'
  AND NOT EXISTS (SELECT FROM jobs other WHERE other.task_id = jobs.task_id AND other.status = 'running'))`

/** From this many losses of its worker on, a job runs alone: it may be what its worker dies of. */
export const LOSSES_BEFORE_ALONE = 2

/** A long-running job is left to workers that may claim such jobs ($5). */
const HAS_TIME = '(NOT long_running OR $5::boolean)'

/**
 * Whether a worker may claim at all: one that runs other jobs ($2 is false) claims nothing while a job that must run alone has
 * waited for more than a minute, or workers that are never idle would never get to it. After 10 minutes nothing more is done for
 * it: there may be no worker of its build.
 */
const MAY_CLAIM = `($2::boolean OR NOT EXISTS (
  SELECT FROM jobs WHERE worker_losses >= ${LOSSES_BEFORE_ALONE} AND status = 'queued' AND ${HAS_TIME}
    AND run_after BETWEEN now() - interval '10 minutes' AND now() - interval '1 minute'))`

/** Which jobs it may claim: beside others, none that must run alone. The sum keeps the index of that column out of it. */
const MAY_RUN = `worker_losses + 0 < CASE WHEN $2::boolean THEN 32767 ELSE ${LOSSES_BEFORE_ALONE} END`

/**
 * SQL that selects and locks the next job for a worker of the build in $1; $2: whether it runs no other; $5: whether it has the
 * time for long-running ones. Users take turns: the user with the fewest
 * running jobs comes first, then the one who was served longest ago, so that one user's hundreds of jobs delay another
 * user's first task by no more than one job. Within a user the job with the highest priority goes first, and the oldest of those; the jobs of
 * an expanded task have the priority of the task and are as old. Jobs of a task that has ended are left to the sweep.
 *
 * The recursion skips along the index from one user with queued jobs to the next (a loose index scan), so its cost
 * grows with the number of such users, not with the number of jobs. The same index has each user's jobs in the order in which they
 * are claimed. SKIP LOCKED lets concurrent workers select
 * different jobs.
 */
export const FAIREST_JOB = `
  WITH RECURSIVE waiting AS (
    (SELECT user_id FROM jobs WHERE ${READY} AND ${MAY_CLAIM} ORDER BY user_id LIMIT 1)
    UNION ALL
    SELECT (
      SELECT user_id FROM jobs
      WHERE ${READY} AND user_id > waiting.user_id
      ORDER BY user_id LIMIT 1
    ) FROM waiting WHERE user_id IS NOT NULL
  ), turns AS MATERIALIZED (
    SELECT users.id AS user_id,
      (SELECT count(*) FROM jobs WHERE status = 'running' AND waits_for = 0 AND user_id = users.id) AS running, served_at
    FROM waiting JOIN users ON users.id = waiting.user_id
    ORDER BY running, served_at NULLS FIRST, user_id
  )
  SELECT oldest.id FROM turns CROSS JOIN LATERAL (
    SELECT id FROM jobs
    WHERE ${READY} AND jobs.user_id = turns.user_id
      AND ${FOR_BUILD}
      AND ${MAY_RUN}
      AND ${HAS_TIME}
      AND EXISTS (SELECT FROM tasks WHERE tasks.id = task_id AND tasks.status IN ('queued', 'running'))
    ORDER BY priority DESC, created_at LIMIT 1 FOR UPDATE SKIP LOCKED
  ) oldest LIMIT 1`
