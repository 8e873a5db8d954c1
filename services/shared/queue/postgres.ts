import type { Database } from '../database/database.ts'
import { NOTIFY_READY_JOBS } from '../tasks/ready-jobs.ts'
import type { Queue } from './port.ts'

/** The queue of a worker that pulls: publishing wakes every worker that listens, and needs nothing but the database. */
export function createPostgresQueue({ query }: Pick<Database, 'query'>): Queue {
  let next: Promise<unknown> | undefined
  return {
    // One notification for all jobs that are published together: it names none, and a long task has thousands.
    async publish() {
      next ??= Promise.resolve().then(() => {
        next = undefined
        return query(`SELECT ${NOTIFY_READY_JOBS}`)
      })
      await next
    },
    async close() {},
  }
}
