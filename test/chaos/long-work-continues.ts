import { setTimeout as sleep } from 'node:timers/promises'
import { eventually } from '../e2e/processes.ts'
import { checksumOf, FILM_SETTINGS, filmTask, generateFilm, jobsOf, repeatedAttempts, SLOTS } from './film.ts'
import { compareObjects } from './objects.ts'
import type { Random } from './random.ts'
import type { Scenario } from './scenario.ts'
import type { Attempt, Member, Stack } from './stack.ts'
import { count, untilOver } from './tally.ts'

const ORPHAN_GRACE_SECONDS = 2
const BATCHES = 2

/** What happens to a worker, or to all of them, and how many jobs that can cost at most. */
type Disruption = {
  name: string
  jobs: number
  disrupt(stack: Stack, worker: Member, held: Attempt[]): Promise<unknown>
}

const kill: Disruption = {
  name: 'killed',
  jobs: SLOTS,
  disrupt: (_, worker) => worker.kill('SIGKILL'),
}
const freeze: Disruption = {
  name: 'frozen past their lease',
  jobs: SLOTS,
  async disrupt(stack, worker, held) {
    worker.freeze()
    await untilOvertaken(stack, held)
    worker.thaw()
  },
}
const deploy: Disruption = {
  name: 'stopped as by a deployment',
  jobs: SLOTS,
  disrupt: (_, worker) => worker.kill('SIGTERM'),
}
const killPostgres: Disruption = {
  name: 'interrupted by a kill of Postgres',
  jobs: SLOTS * BATCHES,
  disrupt: (stack) => stack.postgres.kill(),
}

const times = (number: number, disruption: Disruption) => Array<Disruption>(number).fill(disruption)

/** What happens during each film, in this order. A film that ends before continues with another one. */
const SHORT = [[...times(3, kill), freeze, deploy, killPostgres, kill]]
const FULL = [times(40, kill), times(10, freeze), times(20, deploy), times(10, killPostgres)]

/**
 * Films that are divided into chunks, while their workers are killed, frozen past their lease and stopped, and Postgres is
 * killed; every message is delivered five times. Compared with a film that nothing disturbed.
 */
export const longWorkContinues: Scenario = {
  name: 'long-work-continues',
  promise: 'long work continues where it was interrupted',
  async run({ short, random, start, report }) {
    const chunks = short ? 10 : 40
    await using stack = await start({
      webs: 1,
      batches: BATCHES,
      env: {
        ...FILM_SETTINGS,
        JOB_MAX_ATTEMPTS: '1000',
        ORPHAN_GRACE_SECONDS: String(ORPHAN_GRACE_SECONDS),
      },
      delivery: { slowStart: false, concurrency: 50, maxDeliveryAttempts: 0 },
    })
    const url = stack.sources.serve('film', await generateFilm(stack.dir, chunks))
    const client = await stack.openClient()
    const create = async () => (await client.create(filmTask(url))).id
    const undisturbed = await create()
    await untilOver(stack, 300_000)
    const expected = await checksumOf(stack, undisturbed)
    const divided = (await jobsOf(stack, undisturbed)).filter(({ kind }) => kind === 'chunk').length
    report(`${divided} chunks, undisturbed`)

    stack.simulator.setDelivery({ copies: 5, delayMs: 500, ackDeadlineMs: 400 })
    const totals = { films: 0, odd: 0, finishedTwice: 0, repeated: 0, inHand: 0 }
    for (const plan of short ? SHORT : FULL) {
      let left = plan
      while (left.length > 0) {
        const taskId = await create()
        const disturbed = await disturb(stack, taskId, left, random)
        await untilOver(stack, 300_000)
        totals.films += 1
        totals.finishedTwice += await countRepeated(stack, taskId, disturbed.finished)
        totals.repeated += repeatedAttempts(await jobsOf(stack, taskId))
        if ((await checksumOf(stack, taskId)) !== expected) totals.odd += 1
        for (const { jobs } of left.slice(0, disturbed.times)) totals.inHand += jobs
        report(`film ${totals.films}: ${namesOf(left.slice(0, disturbed.times))}`)
        left = left.slice(disturbed.times)
      }
    }

    const states = await untilOver(stack, 1_000)
    await sleep(ORPHAN_GRACE_SECONDS * 1000 + 500)
    await stack.sweep()
    const { orphaned, broken } = await compareObjects(stack)
    const { films, odd, finishedTwice, repeated, inHand } = totals
    return {
      met:
        expected !== undefined &&
        divided === chunks &&
        states.succeeded === films + 1 &&
        odd + finishedTwice + orphaned.length + broken.length === 0 &&
        repeated <= inHand,
      figure:
        `${count(films, 'film')} of ${divided} chunks, every message delivered five times, workers ` +
        `${namesOf((short ? SHORT : FULL).flat())}: ${states.succeeded - 1} succeeded, ${odd} with another file than an ` +
        `undisturbed run; ${repeated} jobs in hand repeated (at most ${inHand}), ${finishedTwice} finished ones; ` +
        `${orphaned.length} orphaned objects, ${broken.length} incomplete outputs`,
    }
  },
}

function namesOf(disruptions: Disruption[]): string {
  const counts = new Map<string, number>()
  for (const { name } of disruptions) counts.set(name, (counts.get(name) ?? 0) + 1)
  return [...counts]
    .map(([name, number]) => `${name} ${number} ${number === 1 ? 'time' : 'times'}`)
    .join(', ')
}

/** How often a film was disrupted, and the attempts that its finished jobs had by then. */
type Disturbed = { times: number; finished: Map<string, number> }

/** Disrupts workers while they work on a task, as long as it runs. */
async function disturb(
  stack: Stack,
  taskId: string,
  disruptions: Disruption[],
  random: Random,
): Promise<Disturbed> {
  const finished = new Map<string, number>()
  for (const [index, { disrupt }] of disruptions.entries()) {
    const busy = await nextWorker(stack, taskId, random)
    if (!busy) return { times: index, finished }
    for (const { id, status, attempt } of await jobsOf(stack, taskId)) {
      if (status === 'succeeded') finished.set(id, attempt)
    }
    await disrupt(stack, busy.worker, busy.held)
  }
  return { times: disruptions.length, finished }
}

/** A worker with work in hand, at random and at a random moment; null once the task has ended. */
async function nextWorker(
  stack: Stack,
  taskId: string,
  random: Random,
): Promise<{ worker: Member; held: Attempt[] } | null> {
  return await eventually('a worker works on the film, or it has ended', 60_000, async () => {
    const [active] = await stack.query(
      "SELECT 1 FROM tasks WHERE id = $1 AND status IN ('queued', 'running')",
      [taskId],
    )
    if (!active) return null
    await sleep(random.whole(0, 400))
    const worker = random.pick(stack.batches)
    const held = (await stack.attempts()).filter(({ pid }) => pid > 0 && pid === worker.pid())
    return held.length > 0 && { worker, held }
  })
}

/** Resolves when all these attempts have been requeued, or had ended before. */
async function untilOvertaken({ query }: Stack, held: Attempt[]): Promise<void> {
  await eventually('the leases of a frozen worker have expired', 60_000, async () => {
    for (const { jobId, attempt } of held) {
      const rows = await query("SELECT 1 FROM jobs WHERE id = $1 AND attempt = $2 AND status = 'running'", [
        jobId,
        attempt,
      ])
      if (rows.length > 0) return false
    }
    return true
  })
}

/** How many jobs were worked on again after they had finished. */
async function countRepeated(stack: Stack, taskId: string, finished: Map<string, number>): Promise<number> {
  const jobs = await jobsOf(stack, taskId)
  return jobs.filter(({ id, attempt }) => finished.has(id) && finished.get(id) !== attempt).length
}
