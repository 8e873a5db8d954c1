import { setTimeout as sleep } from 'node:timers/promises'
import { tinyTask } from './recipes.ts'
import type { Scenario } from './scenario.ts'
import { percentile, seconds, untilOver } from './tally.ts'

/** Publishing fails for a while, during which tasks are created at a steady rate. */
export const queueMayStop: Scenario = {
  name: 'queue-may-stop',
  promise: 'the queue may be down',
  async run({ short, start, report }) {
    const outageMs = short ? 6_000 : 120_000
    const everyMs = short ? 400 : 1_000
    await using stack = await start({ env: { REPUBLISH_AFTER_SECONDS: '5' } })
    const client = await stack.openClient()
    let rejected = 0
    stack.simulator.setGate(() => {
      rejected += 1
      return rejected % 2 ? 'refuse' : 'break'
    })

    const replies: number[] = []
    const tookMs: number[] = []
    const until = performance.now() + outageMs
    while (performance.now() < until) {
      const began = performance.now()
      const reply = await client.call('/tasks', {
        method: 'POST',
        body: JSON.stringify(tinyTask({ url: stack.sources.tiny })),
      })
      await reply.body?.cancel()
      replies.push(reply.status)
      tookMs.push(performance.now() - began)
      await sleep(everyMs)
    }
    const published = stack.simulator.jobs.tally().published
    report(`${replies.length} created, ${rejected} publishes rejected; the queue is back`)
    stack.simulator.setGate(() => 'accept')
    const states = await untilOver(stack, short ? 40_000 : 120_000)
    const accepted = replies.filter((status) => status === 202).length
    return {
      met: accepted === replies.length && published === 0 && rejected > 0 && states.succeeded === accepted,
      figure:
        `no publish for ${seconds(outageMs)}: ${accepted} of ${replies.length} creates answered 202 ` +
        `(p99 ${Math.round(percentile(tookMs, 0.99))} ms), ${states.succeeded} of them succeeded afterwards`,
    }
  },
}
