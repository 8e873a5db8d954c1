import { setTimeout as sleep } from 'node:timers/promises'
import { eventually, listProcesses } from '../e2e/processes.ts'
import type { Client } from './client.ts'
import { compareObjects } from './objects.ts'
import { tinyTask } from './recipes.ts'
import type { Scenario } from './scenario.ts'
import type { Stack } from './stack.ts'
import { countStates, percentile, seconds } from './tally.ts'

const PROMISED_MS = 5_000
const GATE = 'abort'

/** Aborts running tasks, a batch at a time, through a web instance other than the one that created them; every NOTIFY is dropped. */
export const abortQuick: Scenario = {
  name: 'abort-quick',
  promise: 'abort is fast and final',
  isTimed: true,
  async run({ short, start, report }) {
    const aborts = short ? 10 : 200
    const batchSize = short ? 10 : 20
    // A slower heartbeat than any deployment uses, so that the bound holds with a margin.
    const intervals = {
      HEARTBEAT_SECONDS: '3',
      LEASE_SECONDS: '30',
      ORPHAN_GRACE_SECONDS: '1',
      SWEEP_SECONDS: '0',
    }
    await using stack = await start({
      env: { ...intervals, BATCH_CONCURRENCY: String(batchSize / 2) },
      delivery: { slowStart: false, ackDeadlineMs: 60_000 },
    })
    for (const { proxy } of [...stack.webs, ...stack.batches]) proxy.dropNotifications(true)
    const client = await stack.openClient()

    const tookMs: number[] = []
    while (tookMs.length < aborts) {
      tookMs.push(...(await abortBatch(stack, client, batchSize)))
      report(`${tookMs.length} aborted`)
    }
    stack.sources.open(GATE)
    await eventually('every attempt is over', 30_000, async () => (await stack.attempts()).length === 0)
    const states = await countStates(stack)
    await sleep(1_500)
    await stack.sweep()
    const { orphaned } = await compareObjects(stack)
    const visible = await stack.query("SELECT 1 FROM tasks WHERE outputs <> '[]'")
    const p99 = percentile(tookMs, 0.99)
    return {
      met: p99 <= PROMISED_MS && states.aborted === aborts && orphaned.length + visible.length === 0,
      figure:
        `${aborts} aborts without NOTIFY: ffmpeg exited after ${seconds(percentile(tookMs, 0.5))} (median), ` +
        `${seconds(p99)} (p99), ${seconds(Math.max(...tookMs))} (longest); ${states.aborted} aborted, ` +
        `${visible.length} with outputs, ${orphaned.length} orphaned objects`,
    }
  },
}

/** Aborts `size` running tasks at once; returns, for each, the milliseconds from its DELETE until its ffmpeg had exited. */
async function abortBatch(stack: Stack, client: Client, size: number): Promise<number[]> {
  const [through, other] = stack.webs
  const create = () =>
    client.create(tinyTask({ url: stack.sources.gated(GATE) }), { via: through?.url ?? '' })
  const tasks = await Promise.all(Array.from({ length: size }, create))
  const ids = tasks.map(({ id }) => id)
  const jobs = await stack.query<{ id: string; task_id: string }>(
    'SELECT id, task_id FROM jobs WHERE task_id = ANY($1)',
    [ids],
  )
  const allRunning = async () => {
    // Listing all processes takes CPU time away from the tasks.
    await sleep(250)
    return (await running(jobs)).size === size
  }
  await eventually(`${size} tasks are running at once`, 90_000, allRunning)

  const tookMs = new Map<string, number>()
  const began = performance.now()
  const aborting = Promise.all(
    ids.map((id) => client.call(`/tasks/${id}`, { method: 'DELETE', via: other?.url ?? '' })),
  )
  await eventually('every aborted ffmpeg has exited', 30_000, async () => {
    const left = await running(jobs)
    for (const { id } of jobs) if (!left.has(id) && !tookMs.has(id)) tookMs.set(id, performance.now() - began)
    return left.size === 0
  })
  for (const reply of await aborting) {
    const { status } = (await reply.json()) as { status: string }
    if (reply.status !== 200 || status !== 'aborted')
      throw new Error(`DELETE of a running task returned ${reply.status}, status ${status}.`)
  }
  return [...tookMs.values()]
}

/** The jobs that have an ffmpeg process: its command line names the job's scratch directory. */
async function running(jobs: { id: string }[]): Promise<Set<string>> {
  const ffmpegs = (await listProcesses()).filter(({ command }) => /^(\S*\/)?ffmpeg /.test(command))
  return new Set(
    jobs.filter(({ id }) => ffmpegs.some(({ command }) => command.includes(id))).map(({ id }) => id),
  )
}
