import type { Database } from '../database/database.ts'
import { NOTIFY_READY_JOBS } from '../tasks/ready-jobs.ts'
import type { Queue } from './port.ts'

/** The queue of a worker that pulls: publishing wakes every worker that listens, and needs nothing but the database. */
export const createPostgresQueue = ({ query }: Pick<Database, 'query'>): Queue => ({
  async publish() {
    await query(`SELECT ${NOTIFY_READY_JOBS}`)
  },
  async close() {},
})
