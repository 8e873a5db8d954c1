import { setTimeout as sleep } from 'node:timers/promises'
import { eventually } from '../e2e/processes.ts'
import { tinyTask } from './recipes.ts'
import type { Scenario } from './scenario.ts'
import type { Attempt, Member, Stack } from './stack.ts'
import { seconds, untilOver } from './tally.ts'

const PROMISED_MS = 10_000
const SOURCE_MS = 1_000

/** Web and batch instances get SIGTERM one after another while tasks are created and run. */
export const deployInterruptsNobody: Scenario = {
  name: 'deploy-interrupts-nobody',
  promise: 'a deployment interrupts no user',
  async run({ short, random, start, report }) {
    const stops = short ? 3 : 20
    await using stack = await start({
      env: { BATCH_CONCURRENCY: '2', REPUBLISH_AFTER_SECONDS: '5' },
      delivery: { slowStart: false, ackDeadlineMs: 60_000 },
    })
    const client = await stack.openClient()
    const load = new AbortController()
    const creating = (async () => {
      let created = 0
      for (; !load.signal.aborted; created += 1) {
        await client.create(tinyTask({ url: stack.sources.slow(SOURCE_MS) }))
        await sleep(700)
      }
      return created
    })()

    const stopMs: number[] = []
    let unclean = 0
    let kept = 0
    for (let stopped = 0; stopped < stops; stopped += 1) {
      // Mostly batch, where the long-running work is.
      const member = stopped % 3 === 2 ? random.pick(stack.webs) : await workingBatch(stack)
      await sleep(random.whole(0, 500))
      const held = (await stack.attempts()).filter(({ pid }) => pid === member.pid())
      const began = performance.now()
      const { code } = await member.kill('SIGTERM')
      stopMs.push(performance.now() - began)
      if (code !== 0) unclean += 1
      kept += await stillHeld(stack, held)
      await member.ready()
      report(`${member.name} stopped in ${seconds(stopMs.at(-1) ?? 0)}`)
    }
    load.abort()
    const created = await creating
    const states = await untilOver(stack, 120_000)
    const blamed = await stack.query("SELECT 1 FROM tasks WHERE failures <> '[]'")
    const again = await stack.query('SELECT 1 FROM tasks WHERE attempts > 1')
    const longest = Math.max(...stopMs)
    return {
      met: longest <= PROMISED_MS && unclean + kept + blamed.length === 0 && states.succeeded === created,
      figure:
        `${stops} SIGTERMs under load: exited within ${seconds(longest)}, ${unclean} with a code other than 0, ` +
        `${kept} leases not given back; ${created} tasks, ${again.length} of them interrupted, ` +
        `${states.succeeded} succeeded, ${blamed.length} with an attempt counted against them`,
    }
  },
}

function workingBatch(stack: Stack): Promise<Member> {
  return eventually('a worker is running a job', 30_000, async () => {
    const [attempt] = await stack.attempts()
    return stack.batches.find((batch) => batch.pid() > 0 && batch.pid() === attempt?.pid)
  })
}

/** How many of these attempts are still recorded as running although their worker has exited. */
async function stillHeld({ query }: Stack, attempts: Attempt[]): Promise<number> {
  let held = 0
  for (const { jobId, attempt } of attempts) {
    const rows = await query("SELECT 1 FROM jobs WHERE id = $1 AND attempt = $2 AND status = 'running'", [
      jobId,
      attempt,
    ])
    held += rows.length
  }
  return held
}
