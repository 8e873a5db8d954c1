import { setTimeout as sleep } from 'node:timers/promises'
import { eventually } from '../e2e/processes.ts'
import type { Interruption } from './database-proxy.ts'
import { checksumOf, FILM_SETTINGS, filmTask, generateFilm, jobsOf } from './film.ts'
import { compareObjects } from './objects.ts'
import type { Random } from './random.ts'
import type { Scenario } from './scenario.ts'
import type { Member, Stack } from './stack.ts'
import { count, untilOver } from './tally.ts'

const ORPHAN_GRACE_SECONDS = 2
/** How long a kill waits for its moment. */
const TRIGGER_TIMEOUT_MS = 60_000

/** Part of the statement that adds the jobs of a task, of the one that records a chunk, and of the one that ends a task. */
const EXPAND = 'jsonb_to_recordset'
const COMPLETE = 'job-complete'
const FINISH = 'orphaned_objects USING finished'

/** When a worker is killed: at a statement, or some time after it has begun to join the chunks. */
type Moment = { name: string; at: Interruption | 'joining' }

const MOMENTS: Moment[] = [
  { name: 'before the jobs are committed', at: { statement: EXPAND, when: 'before' } },
  { name: 'before they are published', at: { statement: EXPAND, when: 'after' } },
  { name: 'before a chunk is recorded', at: { statement: COMPLETE, when: 'before' } },
  { name: 'after it is recorded', at: { statement: COMPLETE, when: 'after' } },
  { name: 'while joining', at: 'joining' },
  { name: 'before the result is recorded', at: { statement: FINISH, when: 'before' } },
  { name: 'after it is recorded', at: { statement: FINISH, when: 'after' } },
]

/** Each film's workers are killed at every step from its planning to its result. */
export const dividedOnce: Scenario = {
  name: 'divided-once',
  promise: 'long work is divided once and joined once',
  async run({ short, random, start, report }) {
    const films = short ? 1 : 10
    const chunks = short ? 4 : 10
    await using stack = await start({
      webs: 1,
      env: {
        ...FILM_SETTINGS,
        JOB_MAX_ATTEMPTS: '1000',
        ORPHAN_GRACE_SECONDS: String(ORPHAN_GRACE_SECONDS),
      },
      delivery: { slowStart: false, maxDeliveryAttempts: 0 },
    })
    const url = stack.sources.serve('divided', await generateFilm(stack.dir, chunks))
    const client = await stack.openClient()
    const undisturbed = await client.create(filmTask(url))
    await untilOver(stack, 120_000)
    const expected = await checksumOf(stack, undisturbed.id)

    let odd = 0
    let differentJobs = 0
    for (let film = 0; film < films; film += 1) {
      // Armed before there is a task, so that its first statement is not missed.
      let killed = killAt(stack, MOMENTS[0] as Moment, '', random)
      const { id } = await client.create(filmTask(url))
      for (const next of [...MOMENTS.slice(1), undefined]) {
        const done = await killed
        if (next) killed = killAt(stack, next, id, random)
        await done.restarted
      }
      await untilOver(stack, 120_000)
      if ((await checksumOf(stack, id)) !== expected) odd += 1
      if (kindsOf(await jobsOf(stack, id)) !== kindsOf(await jobsOf(stack, undisturbed.id)))
        differentJobs += 1
      report(`film ${film + 1}: killed ${MOMENTS.map(({ name }) => name).join(', ')}`)
    }
    const states = await untilOver(stack, 1_000)
    await sleep(ORPHAN_GRACE_SECONDS * 1000 + 500)
    await stack.sweep()
    const { orphaned, broken } = await compareObjects(stack)
    return {
      met:
        expected !== undefined &&
        states.succeeded === films + 1 &&
        odd + differentJobs + orphaned.length + broken.length === 0,
      figure:
        `${count(films, 'film')} of ${chunks} chunks, a worker killed at each of ${MOMENTS.length} moments ` +
        `(${MOMENTS.map(({ name }) => name).join(', ')}): ${states.succeeded - 1} succeeded, ${odd} with another file than an ` +
        `undisturbed run, ${differentJobs} with other jobs; ${orphaned.length} orphaned objects, ${broken.length} incomplete outputs`,
    }
  },
}

const kindsOf = (jobs: { kind: string }[]): string =>
  jobs
    .map(({ kind }) => kind)
    .sort()
    .join()

/** A kill that has happened; `restarted` resolves when the worker is back. */
type Kill = { restarted: Promise<void> }

/** Kills the worker that comes to the moment first. */
async function killAt(stack: Stack, { name, at }: Moment, taskId: string, random: Random): Promise<Kill> {
  const worker =
    at === 'joining'
      ? await killJoining(stack, taskId, random)
      : await killInterrupted(stack, at, `a worker is killed ${name}`)
  return { restarted: worker.ready() }
}

async function killInterrupted({ batches }: Stack, at: Interruption, what: string): Promise<Member> {
  let ending: Promise<Member> | undefined
  for (const worker of batches) {
    worker.proxy.interrupt(at, () => {
      for (const { proxy } of batches) proxy.cancelInterrupt()
      // At once: the process must not see that its connection broke.
      ending = worker.kill('SIGKILL').then(() => worker)
    })
  }
  return await eventually(what, TRIGGER_TIMEOUT_MS, async () => ending)
}

async function killJoining(stack: Stack, taskId: string, random: Random): Promise<Member> {
  const worker = await eventually('a worker joins the chunks', TRIGGER_TIMEOUT_MS, async () => {
    const stitch = (await jobsOf(stack, taskId)).find(({ kind }) => kind === 'stitch')
    const attempt = (await stack.attempts()).find(({ jobId }) => jobId === stitch?.id)
    return stack.batches.find((batch) => batch.pid() > 0 && batch.pid() === attempt?.pid)
  })
  await sleep(random.whole(0, 150))
  await worker.kill('SIGKILL')
  return worker
}
