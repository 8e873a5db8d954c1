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
/** How long a kill at one exact moment of a create waits for that moment. */
const TRIGGER_TIMEOUT_MS = 3_000

/**
 * Clients create tasks, each retried with its key until the reply is 202, while processes are killed: at random, between
 * the commit of a task and its confirmation, and between the confirmation and the publish.
 */
export const noTaskLost: Scenario = {
  name: 'no-task-lost',
  promise: 'no accepted task is lost',
  async run({ short, random, start, report }) {
    const tasks = short ? 40 : 1000
    const kills = short ? 6 : 100
    await using stack = await start({ env: { REPUBLISH_AFTER_SECONDS: '5', BATCH_CONCURRENCY: '2' } })
    const client = await stack.openClient()
    const uploadId = await client.upload(stack.sources.tinyFile)
    const progress = { accepted: 0, killed: 0 }

    const creating = createAll(client, tinyTask({ upload_id: uploadId }), tasks, progress)
    const killing = killAll(stack, random, { kills, tasks, progress, report })
    const [ids, victims] = await Promise.all([creating, killing])
    report(`${tasks} accepted, ${kills} killed; waiting for the rest`)
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
        client.internalErrors() === 0 &&
        mistaken === 0,
      figure:
        `${tasks} tasks, ${kills} kills (${victims}), connections to Postgres cut between them: ${lost} lost, ${count(twice, 'task')} too many, ` +
        `${states.succeeded} succeeded, ${states.failed} failed with their reasons, ${broken.length} outputs missing; ` +
        `${client.internalErrors()} creates answered 500, ${mistaken} attempts lost to internal.bug`,
    }
  },
}

/** Number of attempts that failed with this code. */
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

type Killing = { kills: number; tasks: number; progress: Progress; report: (line: string) => void }

/** What is killed; the share of each is its number of entries. */
const TARGETS = ['web', 'batch', 'batch', 'Postgres', 'web at commit', 'web at publish'] as const
/** Probability that, before a kill, a random instance also loses all its connections to Postgres. */
const CUT_CHANCE = 0.5

/** Kills `kills` times, spread evenly over the creation of tasks; returns how often each target was killed. */
async function killAll(
  stack: Stack,
  random: Random,
  { kills, tasks, progress, report }: Killing,
): Promise<string> {
  const victims = new Map<string, number>()
  while (progress.killed < kills) {
    const wanted = Math.min(tasks, Math.ceil((tasks * progress.killed) / kills))
    while (progress.accepted < wanted) await sleep(20)
    await sleep(random.whole(0, 400))
    if (random.chance(CUT_CHANCE)) random.pick([...stack.webs, ...stack.batches]).proxy.cut()
    const target = random.pick(TARGETS)
    const killed = await killOne(
      stack,
      random,
      progress.accepted < tasks ? target : random.pick(['batch', 'Postgres']),
    )
    victims.set(killed, (victims.get(killed) ?? 0) + 1)
    progress.killed += 1
    if (progress.killed % 10 === 0) report(`${progress.accepted} accepted, ${progress.killed} killed`)
  }
  return [...victims].map(([target, times]) => `${target} ${times}`).join(', ')
}

async function killOne(stack: Stack, random: Random, target: string): Promise<string> {
  const web = random.pick(stack.webs)
  if (target === 'Postgres') await stack.postgres.kill()
  if (target === 'batch') await random.pick(stack.batches).kill('SIGKILL')
  if (target === 'web') await web.kill('SIGKILL')
  if (target === 'web at commit') return killAtCommit(web)
  if (target === 'web at publish') return killAtPublish(stack, web)
  return target
}

/** The task is committed, but web never receives the confirmation. */
async function killAtCommit(web: Member): Promise<string> {
  const triggered = await calledWithin(TRIGGER_TIMEOUT_MS, (done) => web.proxy.swallowCommit(done))
  web.proxy.cancelSwallow()
  await web.kill('SIGKILL')
  return triggered ? 'web between commit and reply' : 'web'
}

/** The task is committed, but its message is never published. */
async function killAtPublish({ simulator }: Stack, web: Member): Promise<string> {
  const triggered = await calledWithin(TRIGGER_TIMEOUT_MS, (done) =>
    simulator.setGate((publisher) => {
      if (publisher !== web.name) return 'accept'
      done()
      return 'break'
    }),
  )
  await web.kill('SIGKILL')
  simulator.setGate(() => 'accept')
  return triggered ? 'web between commit and publish' : 'web'
}

/** Whether `done` is called within `ms`. */
function calledWithin(ms: number, arm: (done: () => void) => void): Promise<boolean> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve(false), ms)
    arm(() => {
      clearTimeout(timer)
      resolve(true)
    })
  })
}
