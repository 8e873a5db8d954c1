import { eventually } from '../e2e/processes.ts'
import { tinyTask } from './recipes.ts'
import type { Scenario } from './scenario.ts'
import { untilOver } from './tally.ts'

const GATE = 'backlog'

/** One worker with one slot, which is busy: every message is refused until the queue dead-letters it. */
export const backlogNoFailure: Scenario = {
  name: 'backlog-no-failure',
  promise: 'a backlog fails no task',
  async run({ short, start, report }) {
    const tasks = short ? 20 : 500
    await using stack = await start({
      batches: 1,
      env: { BATCH_CONCURRENCY: '1', REPUBLISH_AFTER_SECONDS: short ? '1' : '5', SWEEP_SECONDS: '1' },
      delivery: { slowStart: false, ackDeadlineMs: 120_000, minBackoffMs: 50, maxBackoffMs: 1_000 },
    })
    const client = await stack.openClient()
    await client.create(tinyTask({ url: stack.sources.gated(GATE) }))
    await eventually('the worker is busy', 30_000, async () => (await stack.attempts()).length === 1)
    for (let created = 1; created < tasks; created += 1)
      await client.create(tinyTask({ url: stack.sources.tiny }))
    const recorded = () => stack.query('SELECT 1 FROM dead_letters')
    await eventually('every message but the first is a dead letter', 180_000, async () => {
      return (await recorded()).length >= tasks - 1
    })
    const tally = stack.simulator.jobs.tally()
    const dead = (await recorded()).length
    report(`${dead} dead letters recorded after ${tally.refused[429]} replies of 429; the worker continues`)
    stack.sources.open(GATE)

    const states = await untilOver(stack, short ? 60_000 : 900_000)
    const blamed = await stack.query("SELECT 1 FROM tasks WHERE failures <> '[]' OR attempts > 1")
    return {
      met: states.succeeded === tasks && states.failed === 0 && blamed.length === 0 && dead >= tasks - 1,
      figure:
        `${tasks} tasks, one worker with one slot: ${tally.refused[429]} replies of 429, ${dead} messages ` +
        `dead-lettered; ${states.succeeded} succeeded, ${states.failed} failed, ${blamed.length} with an ` +
        'attempt counted against them',
    }
  },
}
