import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Client } from './client.ts'
import { compareObjects } from './objects.ts'
import type { Random } from './random.ts'
import { tinyTask } from './recipes.ts'
import type { Scenario } from './scenario.ts'
import type { Member, Stack } from './stack.ts'
import { count, untilOver } from './tally.ts'

const CLIENTS = 4
/** How long a trap for one moment of a create waits for its victim. */
const TRAP_MS = 3_000

/**
 * Clients create tasks, each with its key until there is a 202, while anything is killed: at random, between the
 * commit of a task and its confirmation, between its confirmation and the publish.
 */
export const noTaskLost: Scenario = {
  name: 'no-task-lost',
  promise: 'no accepted task is ever lost',
  async run({ short, random, start, say }) {
    const tasks = short ? 40 : 1000
    const kills = short ? 6 : 100
    await using stack = await start({ env: { REPUBLISH_AFTER_SECONDS: '5', BATCH_CONCURRENCY: '2' } })
    const client = await stack.openClient()
    const uploadId = await client.upload(stack.sources.tinyFile)
    const progress = { accepted: 0, killed: 0 }

    const creating = createAll(client, tinyTask({ upload_id: uploadId }), tasks, progress)
    const killing = killAll(stack, random, { kills, tasks, progress, say })
    const [ids, victims] = await Promise.all([creating, killing])
    say(`${tasks} accepted, ${kills} killed; waiting for what is left`)
    for (const member of [...stack.webs, ...stack.batches]) await member.ready()
    const states = await untilOver(stack, 900_000)

    const final = await stack.query<{ id: string }>(
      "SELECT id FROM tasks WHERE status IN ('succeeded', 'failed')",
    )
    const known = new Set(final.map(({ id }) => id))
    const lost = ids.filter((id) => !known.has(id)).length
    const twice = Object.values(states).reduce((sum, each) => sum + each, 0) - new Set(ids).size
    const { broken } = await compareObjects(stack)
    const mistaken = await attemptsLostTo(stack, 'internal.bug')
    return {
      met:
        lost === 0 &&
        twice === 0 &&
        broken.length === 0 &&
        new Set(ids).size === tasks &&
        progress.killed >= kills &&
        client.bugs() === 0 &&
        mistaken === 0,
      figure:
        `${tasks} tasks, ${kills} kills (${victims}), connections to Postgres cut between them: ${lost} lost, ${count(twice, 'task')} too many, ` +
        `${states.succeeded} succeeded, ${states.failed} failed with their reasons, ${broken.length} outputs missing; ` +
        `${client.bugs()} creates answered 500, ${mistaken} attempts lost to internal.bug`,
    }
  },
}

/** Attempts counted against tasks for this reason. */
async function attemptsLostTo({ query }: Stack, code: string): Promise<number> {
  const rows = await query(
    `SELECT 1 FROM tasks, jsonb_array_elements(failures) failure WHERE failure ->> 'code' = $1`,
    [code],
  )
  return rows.length
}

type Progress = { accepted: number; killed: number }

async function createAll(client: Client, body: object, tasks: number, progress: Progress): Promise<string[]> {
  const ids: string[] = []
  let left = tasks
  const clients = Array.from({ length: CLIENTS }, async () => {
    while (left > 0) {
      left -= 1
      const { id } = await client.create(body, { key: randomUUID() })
      ids.push(id)
      progress.accepted += 1
    }
  })
  await Promise.all(clients)
  return ids
}

type Killing = { kills: number; tasks: number; progress: Progress; say: (line: string) => void }

/** The ways to kill, each as often as it stands here. */
const WAYS = ['web', 'batch', 'batch', 'Postgres', 'web at commit', 'web at publish'] as const
/** Beside each kill, as likely as not, somebody loses all connections to Postgres. */
const CUT_CHANCE = 0.5

/** Kills so often, spread over the creating; gives how often what was killed. */
async function killAll(
  stack: Stack,
  random: Random,
  { kills, tasks, progress, say }: Killing,
): Promise<string> {
  const victims = new Map<string, number>()
  while (progress.killed < kills) {
    const wanted = Math.min(tasks, Math.ceil((tasks * progress.killed) / kills))
    while (progress.accepted < wanted) await sleep(20)
    await sleep(random.whole(0, 400))
    if (random.chance(CUT_CHANCE)) random.pick([...stack.webs, ...stack.batches]).proxy.cut()
    const way = random.pick(WAYS)
    const how = await killOne(
      stack,
      random,
      progress.accepted < tasks ? way : random.pick(['batch', 'Postgres']),
    )
    victims.set(how, (victims.get(how) ?? 0) + 1)
    progress.killed += 1
    if (progress.killed % 10 === 0) say(`${progress.accepted} accepted, ${progress.killed} killed`)
  }
  return [...victims].map(([how, times]) => `${how} ${times}`).join(', ')
}

async function killOne(stack: Stack, random: Random, way: string): Promise<string> {
  const web = random.pick(stack.webs)
  if (way === 'Postgres') await stack.postgres.kill()
  if (way === 'batch') await random.pick(stack.batches).kill('SIGKILL')
  if (way === 'web') await web.kill('SIGKILL')
  if (way === 'web at commit') return killAtCommit(web)
  if (way === 'web at publish') return killAtPublish(stack, web)
  return way
}

/** The task is written down, and its web never learns of it. */
async function killAtCommit(web: Member): Promise<string> {
  const struck = await within(TRAP_MS, (done) => web.proxy.swallowCommit(done))
  web.proxy.spareCommits()
  await web.kill('SIGKILL')
  return struck ? 'web between commit and reply' : 'web'
}

/** The task is written down, and its message never arrives. */
async function killAtPublish({ simulator }: Stack, web: Member): Promise<string> {
  const struck = await within(TRAP_MS, (done) =>
    simulator.setGate((publisher) => {
      if (publisher !== web.name) return 'take'
      done()
      return 'break'
    }),
  )
  await web.kill('SIGKILL')
  simulator.setGate(() => 'take')
  return struck ? 'web between commit and publish' : 'web'
}

/** Whether `done` is called in time. */
function within(ms: number, lay: (done: () => void) => void): Promise<boolean> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve(false), ms)
    lay(() => {
      clearTimeout(timer)
      resolve(true)
    })
  })
}
