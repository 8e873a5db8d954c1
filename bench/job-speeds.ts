import type { ExpandedJob } from '#batch/media/chunks/types.ts'
import { fixed, type Report, type Table, type Target } from './harness.ts'
import { makespan } from './job-schedule.ts'

/**
 * What a render cost, in CPU seconds: whole, and by its jobs. `times`: how much longer that is for which `planned` are the
 * jobs, and `planningS` what planning them took. `speed`: how many times faster 20 workers should be.
 */
export type CostedRender = {
  name: string
  wholeS: number
  frameS: number
  audioS: number
  stitchS: number
  times: number
  planned: ExpandedJob[]
  planningS: number
  speed?: number
}

const WORKERS = [1, 5, 20, 100]
const TARGET_WORKERS = 20

/** The time that the planned jobs take on some numbers of workers. */
export function speeds(renders: CostedRender[]): { table: Table; targets: Report['targets'] } {
  return {
    table: {
      head: [
        'simulated, seconds',
        'jobs',
        'one render',
        ...WORKERS.map((n) => `${n} ${n === 1 ? 'worker' : 'workers'}`),
      ],
      rows: renders.map((render) => [
        render.name,
        String(render.planned.length),
        fixed(render.wholeS * render.times),
        ...WORKERS.map((workers) => {
          const seconds = secondsOn(workers, render)
          return `${fixed(seconds)} (${fixed((render.wholeS * render.times) / seconds)})`
        }),
      ]),
    },
    targets: renders.flatMap((render): Target[] =>
      render.speed === undefined
        ? []
        : [
            {
              what: `${render.name}: times as fast on ${TARGET_WORKERS} workers`,
              measured: (render.wholeS * render.times) / secondsOn(TARGET_WORKERS, render),
              bound: 'at least',
              limit: render.speed,
            },
          ],
    ),
  }
}

function secondsOn(workers: number, { planned, planningS, ...costs }: CostedRender): number {
  const jobs = planned.map((job) => ({ unblocks: job.unblocks, seconds: secondsOf(job, costs) }))
  return planningS + makespan(jobs, workers)
}

function secondsOf(
  job: ExpandedJob,
  { frameS, audioS, stitchS, times }: Pick<CostedRender, 'frameS' | 'audioS' | 'stitchS' | 'times'>,
): number {
  if (job.kind === 'chunk') return frameS * (job.params.range.to - job.params.range.from)
  return times * (job.kind === 'audio' ? audioS : stitchS)
}
