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

/** Running tasks, a wave at a time, are aborted through an instance that knows nothing of them; no NOTIFY arrives. */
export const abortQuick: Scenario = {
  name: 'abort-quick',
  promise: 'abort is quick and true',
  async run({ short, start, say }) {
    const aborts = short ? 10 : 200
    const wave = short ? 10 : 20
    // Slower than any home sets it, so that the bound holds with room.
    const pace = {
      HEARTBEAT_SECONDS: '3',
      LEASE_SECONDS: '30',
      ORPHAN_GRACE_SECONDS: '1',
      SWEEP_SECONDS: '0',
    }
    await using stack = await start({
      env: { ...pace, BATCH_CONCURRENCY: String(wave / 2) },
      delivery: { slowStart: false, ackDeadlineMs: 60_000 },
    })
    for (const { proxy } of [...stack.webs, ...stack.batches]) proxy.dropNotifications(true)
    const client = await stack.openClient()

    const tookMs: number[] = []
    while (tookMs.length < aborts) {
      tookMs.push(...(await abortWave(stack, client, wave)))
      say(`${tookMs.length} aborted`)
    }
    stack.sources.open(GATE)
    await eventually('every attempt is over', 30_000, async () => (await stack.attempts()).length === 0)
    const states = await countStates(stack)
    await sleep(1_500)
    await stack.sweep()
    const { unnamed } = await compareObjects(stack)
    const visible = await stack.query("SELECT 1 FROM tasks WHERE outputs <> '[]'")
    const p99 = percentile(tookMs, 0.99)
    return {
      met: p99 <= PROMISED_MS && states.aborted === aborts && unnamed.length + visible.length === 0,
      figure:
        `${aborts} aborts without NOTIFY: ffmpeg gone after ${seconds(percentile(tookMs, 0.5))} (median), ` +
        `${seconds(p99)} (p99), ${seconds(Math.max(...tookMs))} (longest); ${states.aborted} aborted, ` +
        `${visible.length} with outputs, ${unnamed.length} objects left`,
    }
  },
}

/** Gives for each task the time from its DELETE until its ffmpeg was gone. */
async function abortWave(stack: Stack, client: Client, size: number): Promise<number[]> {
  const [through, other] = stack.webs
  const create = () =>
    client.create(tinyTask({ url: stack.sources.gated(GATE) }), { via: through?.url ?? '' })
  const tasks = await Promise.all(Array.from({ length: size }, create))
  const ids = tasks.map(({ id }) => id)
  const jobs = await stack.query<{ id: string; task_id: string }>(
    'SELECT id, task_id FROM jobs WHERE task_id = ANY($1)',
    [ids],
  )
  const allRun = async () => {
    // Looking through all processes costs the very processor that the tasks want.
    await sleep(250)
    return (await running(jobs)).size === size
  }
  await eventually(`${size} tasks run at once`, 90_000, allRun)

  const tookMs = new Map<string, number>()
  const began = performance.now()
  const aborting = Promise.all(
    ids.map((id) => client.call(`/tasks/${id}`, { method: 'DELETE', via: other?.url ?? '' })),
  )
  await eventually('every aborted ffmpeg is gone', 30_000, async () => {
    const left = await running(jobs)
    for (const { id } of jobs) if (!left.has(id) && !tookMs.has(id)) tookMs.set(id, performance.now() - began)
    return left.size === 0
  })
  for (const reply of await aborting) {
    const { status } = (await reply.json()) as { status: string }
    if (reply.status !== 200 || status !== 'aborted')
      throw new Error(`An abort was answered ${reply.status}.`)
  }
  return [...tookMs.values()]
}

/** The jobs that have an ffmpeg now: it writes below a folder of the job's name. */
async function running(jobs: { id: string }[]): Promise<Set<string>> {
  const ffmpegs = (await listProcesses()).filter(({ command }) => /^(\S*\/)?ffmpeg /.test(command))
  return new Set(
    jobs.filter(({ id }) => ffmpegs.some(({ command }) => command.includes(id))).map(({ id }) => id),
  )
}
