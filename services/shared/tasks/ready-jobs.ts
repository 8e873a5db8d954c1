/** NOTIFY channel on which workers outside Cloud Run learn that jobs can be claimed. */
export const READY_JOBS_CHANNEL = 'cutroom_job'

/**
 * SQL that notifies these workers, for the statement that makes jobs ready. Without a payload, so that Postgres merges
 * the notifications of one transaction. They are hints: a worker also polls.
 */
export const NOTIFY_READY_JOBS = `pg_notify('${READY_JOBS_CHANNEL}', '')`
