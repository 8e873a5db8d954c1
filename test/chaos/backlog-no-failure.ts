import { eventually } from '../e2e/processes.ts'
import { tinyTask } from './recipes.ts'
import type { Scenario } from './scenario.ts'
import { untilOver } from './tally.ts'

const GATE = 'backlog'

/**
 * One worker with one slot, which is busy: it acknowledges every message, because it will claim the jobs by itself, and
 * is killed before it could claim any. No message is left then.
 */
export const backlogNoFailure: Scenario = {
  name: 'backlog-no-failure',
  promise: 'a backlog fails no task',
  async run({ short, start, report }) {
    const tasks = short ? 20 : 500
    await using stack = await start({
      batches: 1,
      env: { BATCH_CONCURRENCY: '1', SWEEP_SECONDS: '1' },
      delivery: { slowStart: false, ackDeadlineMs: 600_000 },
    })
    const client = await stack.openClient()
    await client.create(tinyTask({ url: stack.sources.gated(GATE) }))
    await eventually('the worker is busy', 30_000, async () => (await stack.attempts()).length === 1)
    for (let created = 1; created < tasks; created += 1)
      await client.create(tinyTask({ url: stack.sources.tiny }))
    const tally = () => stack.simulator.jobs.tally()
    await eventually('every message but the first is answered', 60_000, async () => {
      const { acknowledged, refused } = tally()
      return acknowledged + (refused[429] ?? 0) >= tasks - 1
    })
    const { acknowledged, refused } = tally()
    report(`${acknowledged} messages acknowledged while busy; the worker is killed`)
    await stack.batches[0]?.kill('SIGKILL')
    stack.sources.open(GATE)

    const states = await untilOver(stack, short ? 180_000 : 900_000)
    const interrupted = await stack.query("SELECT 1 FROM tasks WHERE failures <> '[]' OR attempts > 1")
    const busy = refused[429] ?? 0
    return {
      met: states.succeeded === tasks && states.failed === 0 && interrupted.length <= 1 && busy <= 2,
      figure:
        `${tasks} tasks, one busy worker with one slot: ${busy} replies of 429, ${acknowledged} messages ` +
        `acknowledged, then the worker was killed; ${states.succeeded} succeeded, ${states.failed} failed, ` +
        `${interrupted.length} with more than one attempt`,
    }
  },
}
