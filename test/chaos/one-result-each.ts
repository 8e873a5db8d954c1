import { setTimeout as sleep } from 'node:timers/promises'
import { eventually } from '../e2e/processes.ts'
import type { Client } from './client.ts'
import { compareObjects } from './objects.ts'
import { tinyTask } from './recipes.ts'
import type { Scenario, ScenarioContext } from './scenario.ts'
import type { Member, Stack } from './stack.ts'
import { untilOver } from './tally.ts'

const DELIVERIES = 5
const ORPHAN_GRACE_SECONDS = 2

/**
 * Every message is delivered five times, two of them at once and the others after short deadlines; workers are frozen, or
 * their connections to Postgres stalled, past their lease, and then resumed. Pushes alone wake the workers, as on Cloud
 * Run: notifications are dropped, and the next poll is an hour away.
 */
export const oneResultEach: Scenario = {
  name: 'one-result-each',
  promise: 'each task has exactly one result',
  async run({ short, random, start, report }) {
    const tasks = short ? 20 : 200
    const freezes = short ? 2 : 20
    await using stack = await start({
      env: {
        ...{ LEASE_SECONDS: '3', HEARTBEAT_SECONDS: '1', SWEEP_SECONDS: '0.5', REPUBLISH_AFTER_SECONDS: '5' },
        ...{ ORPHAN_GRACE_SECONDS: String(ORPHAN_GRACE_SECONDS), BATCH_CONCURRENCY: '2' },
        WORKER_POLL_SECONDS: '3600',
      },
      delivery: { copies: DELIVERIES, delayMs: 500, ackDeadlineMs: 400, slowStart: false, concurrency: 50 },
    })
    for (const { proxy } of stack.batches) proxy.dropNotifications(true)
    const client = await stack.openClient()
    for (let created = 0; created < tasks; created += 1)
      await client.create(tinyTask({ url: stack.sources.tiny }))
    await untilOver(stack, 180_000)
    report(`${tasks} tasks finished; freezing workers`)

    let stale = 0
    for (let frozen = 0; frozen < freezes; frozen += 1) {
      const disruption = frozen % 2 === 0 ? freeze : stallDatabase
      if (await writesStale(stack, client, { gate: `freeze-${frozen}`, random, disruption })) stale += 1
    }
    const states = await untilOver(stack, 60_000)
    await sleep(ORPHAN_GRACE_SECONDS * 1000 + 500)
    await stack.sweep()
    const { orphaned, broken } = await compareObjects(stack)
    const several = await stack.query('SELECT id FROM tasks WHERE jsonb_array_length(outputs) <> 1')
    const { pushes, expired } = stack.simulator.jobs.tally()
    const all = tasks + freezes
    return {
      met:
        states.succeeded === all &&
        stale + orphaned.length + broken.length + several.length === 0 &&
        pushes >= all * DELIVERIES,
      figure:
        `${all} tasks, ${pushes} pushes (${expired} past their deadline), ${freezes} workers frozen or cut off past ` +
        `their lease and resumed: ${states.succeeded} succeeded with one result each, ${several.length} otherwise; ` +
        `${stale} stale writes, ${orphaned.length} orphaned objects, ${broken.length} incomplete outputs`,
    }
  },
}

/** A way to keep a worker from renewing its lease, and its reversal. */
type LeaseDisruption = { begin(worker: Member): void; end(worker: Member): void }

const freeze: LeaseDisruption = { begin: (worker) => worker.freeze(), end: (worker) => worker.thaw() }
/** The worker keeps running but receives nothing from Postgres. */
const stallDatabase: LeaseDisruption = {
  begin: ({ proxy }) => proxy.stall(true),
  end: ({ proxy }) => proxy.stall(false),
}

type Case = { gate: string; random: ScenarioContext['random']; disruption: LeaseDisruption }

/** Keeps a task's worker from its lease until another worker has finished the task; true if the row changes after that. */
async function writesStale(
  stack: Stack,
  client: Client,
  { gate, random, disruption }: Case,
): Promise<boolean> {
  const { id } = await client.create(tinyTask({ url: stack.sources.gated(gate) }))
  const worker = await eventually('a worker has started', 30_000, () => workerOf(stack, id))
  // Anywhere between the claim and the middle of the encode.
  await sleep(random.whole(0, 800))
  disruption.begin(worker)
  stack.sources.open(gate)
  try {
    const isDone = async () => (await client.task(id)).status === 'succeeded'
    await eventually('another worker has finished', 60_000, isDone)
  } finally {
    disruption.end(worker)
  }
  const before = await rowOf(stack, id)
  const pid = worker.pid()
  const hasGivenUp = async () => !(await stack.attempts()).some((attempt) => attempt.pid === pid)
  await eventually('the resumed worker has given up', 30_000, hasGivenUp)
  return before !== (await rowOf(stack, id))
}

async function workerOf(stack: Stack, taskId: string): Promise<Member | undefined> {
  const [job] = await stack.query<{ id: string }>('SELECT id FROM jobs WHERE task_id = $1', [taskId])
  const attempt = (await stack.attempts()).find(({ jobId }) => jobId === job?.id)
  return stack.batches.find((batch) => batch.pid() === attempt?.pid)
}

async function rowOf(stack: Stack, taskId: string): Promise<string> {
  return JSON.stringify(await stack.query('SELECT * FROM tasks WHERE id = $1', [taskId]))
}
