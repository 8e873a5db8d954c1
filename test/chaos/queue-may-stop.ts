import { setTimeout as sleep } from 'node:timers/promises'
import { tinyTask } from './recipes.ts'
import type { Scenario } from './scenario.ts'
import { percentile, seconds, untilOver } from './tally.ts'

/** Nothing can be published for a while; tasks are created all along, one a moment. */
export const queueMayStop: Scenario = {
  name: 'queue-may-stop',
  promise: 'the queue may stop',
  async run({ short, start, say }) {
    const outageMs = short ? 6_000 : 120_000
    const everyMs = short ? 400 : 1_000
    await using stack = await start({ env: { REPUBLISH_AFTER_SECONDS: '5' } })
    const client = await stack.openClient()
    let turned = 0
    stack.simulator.setGate(() => {
      turned += 1
      return turned % 2 ? 'refuse' : 'break'
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
    const heard = stack.simulator.jobs.tally().published
    say(`${replies.length} created, ${turned} publishes turned away; the queue is back`)
    stack.simulator.setGate(() => 'take')
    const states = await untilOver(stack, short ? 40_000 : 120_000)
    const accepted = replies.filter((status) => status === 202).length
    return {
      met: accepted === replies.length && heard === 0 && turned > 0 && states.succeeded === accepted,
      figure:
        `no publish for ${seconds(outageMs)}: ${accepted} of ${replies.length} creates answered 202 ` +
        `(p99 ${Math.round(percentile(tookMs, 0.99))} ms), ${states.succeeded} of them succeeded afterwards`,
    }
  },
}
