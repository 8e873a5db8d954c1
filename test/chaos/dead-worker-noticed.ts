import { setTimeout as sleep } from 'node:timers/promises'
import { eventually, ffmpegsOf } from '../e2e/processes.ts'
import { tinyTask } from './recipes.ts'
import type { Scenario } from './scenario.ts'
import type { Attempt, Member, Stack } from './stack.ts'
import { percentile, seconds, untilOver } from './tally.ts'

const GATE = 'dead-worker'
const PROMISED_MS = 10_000

/** Tasks that hang in the middle of their encode on three workers; the workers are killed one after another. */
export const deadWorkerNoticed: Scenario = {
  name: 'dead-worker-noticed',
  promise: 'a dead worker is noticed quickly',
  isTimed: true,
  async run({ short, random, start, report }) {
    const kills = short ? 3 : 50
    await using stack = await start({
      webs: 1,
      batches: 3,
      env: { JOB_MAX_ATTEMPTS: '1000', BATCH_CONCURRENCY: '2', REPUBLISH_AFTER_SECONDS: '5' },
      delivery: { slowStart: false, ackDeadlineMs: 60_000 },
    })
    const client = await stack.openClient()
    const tasks = 3
    for (let created = 0; created < tasks; created += 1)
      await client.create(tinyTask({ url: stack.sources.gated(GATE) }))

    const waits: number[] = []
    for (let killed = 0; killed < kills; killed += 1) {
      const { worker, attempts } = await eventually(
        'a worker is in the middle of an encode',
        60_000,
        async () => {
          await sleep(150)
          const encoding = await encodingWorkers(stack)
          return encoding.length > 0 && random.pick(encoding)
        },
      )
      const began = performance.now()
      await worker.kill('SIGKILL')
      waits.push(...(await Promise.all(attempts.map((attempt) => nextAttempt(stack, attempt, began)))))
      if ((killed + 1) % 10 === 0) report(`${killed + 1} killed`)
    }
    stack.sources.open(GATE)
    const states = await untilOver(stack, 60_000)
    const longest = Math.max(...waits)
    return {
      met: longest <= PROMISED_MS && states.succeeded === tasks,
      figure:
        `${kills} kills in the middle of an encode: the next attempt began after ` +
        `${seconds(percentile(waits, 0.5))} (median), ${seconds(longest)} (longest); ` +
        `${states.succeeded} of ${tasks} tasks succeeded in the end`,
    }
  },
}

/** The workers that are running an ffmpeg, with their attempts. */
async function encodingWorkers(stack: Stack): Promise<{ worker: Member; attempts: Attempt[] }[]> {
  const attempts = await stack.attempts()
  const found = await Promise.all(
    stack.batches.map(async (worker) => {
      const own = attempts.filter(({ pid }) => pid === worker.pid())
      const ffmpegs = worker.pid() > 0 ? await ffmpegsOf(worker.pid()) : []
      const encoding = own.filter(({ jobId }) => ffmpegs.some(({ command }) => command.includes(jobId)))
      return { worker, attempts: encoding }
    }),
  )
  return found.filter(({ attempts }) => attempts.length > 0)
}

/** Milliseconds from `began` until another worker has claimed the job. */
async function nextAttempt({ query }: Stack, { jobId, attempt }: Attempt, began: number): Promise<number> {
  await eventually(`another attempt at ${jobId} after ${attempt}`, 60_000, async () => {
    const rows = await query('SELECT 1 FROM jobs WHERE id = $1 AND attempt > $2', [jobId, attempt])
    return rows.length > 0
  })
  return performance.now() - began
}
