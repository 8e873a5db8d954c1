import type { Query } from '../../database/database.ts'

/**
 * SQL for the FROM of an UPDATE of tasks that follows a CTE's UPDATE of jobs in the same statement: Postgres runs CTEs
 * that nothing refers to after all others, which would lock the task's row before the jobs.
 */
export const after = (cte: string): string => `(SELECT count(*) FROM ${cte}) AS changed_before`

/**
 * Locks a task's jobs against every other statement that changes more than one of them, until the transaction ends.
 *
 * The lock is that on the task's first job, which always exists. The order that rules out deadlocks: the first job,
 * then any other jobs of the task, then the task's row. A statement that changes a single job and then its task needs
 * no lock. Statements that follow see what the lock's previous holder committed, new jobs included.
 */
export async function lockTask(query: Query, taskId: string): Promise<void> {
  await query("SELECT FROM jobs WHERE task_id = $1 AND kind = 'render' FOR UPDATE", [taskId], 'task-lock')
}
