import type { TaskDetails, TaskStatus } from '#shared/contract/tasks.ts'
import type { JobGroup, TaskDetailsRow } from '#shared/tasks/rows.ts'
import { isActive } from '#shared/tasks/status.ts'

/** Below this fraction of the work an estimate of what is left is a guess. */
const MIN_FRACTION = 0.01

type Row = Pick<TaskDetailsRow, 'status' | 'jobs' | 'expanded_at'>

/** The fields of a single task that lists leave out. Pure. */
export const toStages = (row: Row, now: Date): Pick<TaskDetails, 'stages' | 'seconds_left'> => ({
  stages: stagesOf(row.jobs),
  seconds_left: isActive(row.status) ? secondsLeft(row, now) : null,
})

function stagesOf(jobs: JobGroup[]): TaskDetails['stages'] {
  const stitch = statusOf(jobs.filter(({ kind }) => kind === 'stitch'))
  if (!stitch) return null
  const chunks = jobs.filter(({ kind }) => kind === 'chunk')
  return {
    chunks: {
      done: count(chunks, 'succeeded'),
      running: count(chunks, 'running'),
      total: chunks.reduce((sum, group) => sum + group.count, 0),
    },
    audio: statusOf(jobs.filter(({ kind }) => kind === 'audio')),
    stitch,
  }
}

const count = (jobs: JobGroup[], status: TaskStatus) =>
  jobs.find((group) => group.status === status)?.count ?? 0

/** The common status of jobs of one kind, or null when there are none. */
function statusOf(jobs: JobGroup[]): TaskStatus | null {
  const [first, ...others] = jobs
  if (!first) return null
  if (others.length === 0) return first.status
  const ended = (['failed', 'aborted'] as const).find((status) => count(jobs, status) > 0)
  return ended ?? 'running'
}

/** From the work done since the task was expanded, on as many workers as there were. Whole seconds. */
function secondsLeft({ jobs, expanded_at }: Row, now: Date): number | null {
  const weight = jobs.reduce((sum, group) => sum + group.weight, 0)
  const done = jobs.reduce((sum, group) => sum + group.done, 0)
  if (!expanded_at || done < weight * MIN_FRACTION || done === 0) return null
  const elapsed = Math.max(0, now.getTime() - expanded_at.getTime()) / 1000
  return Math.ceil((elapsed * (weight - done)) / done)
}
