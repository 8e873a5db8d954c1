import { randomUUID } from 'node:crypto'
import type { Client } from './client.ts'
import { tinyTask } from './recipes.ts'
import type { Scenario } from './scenario.ts'
import { untilOver } from './tally.ts'

/** A hundred clients send the same request at once to two instances, one of which is killed in some rounds. */
export const repeatedCreate: Scenario = {
  name: 'repeated-create',
  promise: 'a repeated create makes one task',
  async run({ short, random, start }) {
    const rounds = short ? 3 : 12
    const concurrency = 100
    await using stack = await start({ batches: 1 })
    const client = await stack.openClient()
    const body = tinyTask({ url: stack.sources.tiny })
    let differing = 0
    let unanswered = 0
    let mistaken = 0

    for (let round = 0; round < rounds; round += 1) {
      const key = randomUUID()
      const killed = round % 3 === 2 ? random.pick(stack.webs) : undefined
      const sent = Array.from({ length: concurrency }, () => create(client, key, body))
      if (killed) {
        await Promise.race(sent)
        await killed.kill('SIGKILL')
      }
      const replies = await Promise.all(sent)
      if (killed) await killed.ready()
      replies.push(await create(client, key, body))
      const accepted = replies.filter(({ status }) => status === 202)
      unanswered +=
        replies.length - accepted.length - (killed ? replies.filter(({ status }) => status === 0).length : 0)
      differing += new Set(accepted.map(({ text }) => text)).size - 1
      const other = await create(client, key, tinyTask({ url: stack.sources.slow(1) }))
      if (other.status !== 422 || !other.text.includes('idempotency.mismatch')) mistaken += 1
    }
    const states = await untilOver(stack, 60_000)
    const kept = await keyRetention(stack)
    return {
      met:
        states.succeeded === rounds && differing + unanswered + mistaken === 0 && kept.almost && !kept.beyond,
      figure:
        `${rounds} × ${concurrency} identical creates at once: ${states.succeeded} tasks, ${differing} replies that ` +
        `differ, ${unanswered} not answered; another body with the key: ${rounds - mistaken} of ${rounds} ` +
        `answered 422; a key 23 h 59 min old is ${kept.almost ? 'kept' : 'LOST'}, one of 24 h 1 min ` +
        `${kept.beyond ? 'STILL KEPT' : 'deleted'}`,
    }
  },
}

/** Status and body of a create; status 0 when the connection broke. */
async function create(client: Client, key: string, body: object): Promise<{ status: number; text: string }> {
  try {
    const reply = await client.call('/tasks', {
      method: 'POST',
      headers: { 'idempotency-key': key },
      body: JSON.stringify(body),
    })
    return { status: reply.status, text: await reply.text() }
  } catch {
    return { status: 0, text: '' }
  }
}

type Sweepable = Pick<Awaited<ReturnType<Parameters<Scenario['run']>[0]['start']>>, 'query' | 'sweep'>

/** Ages two keys to just under and just over a day, sweeps, and reports which of them is left. */
async function keyRetention({ query, sweep }: Sweepable): Promise<{ almost: boolean; beyond: boolean }> {
  const [almost, beyond] = await query<{ key: string }>('SELECT key FROM idempotency_keys LIMIT 2')
  const age = (key: string | undefined, interval: string) =>
    query('UPDATE idempotency_keys SET created_at = now() - $2::interval WHERE key = $1', [key, interval])
  await age(almost?.key, '23 hours 59 minutes')
  await age(beyond?.key, '24 hours 1 minute')
  await sweep()
  const left = await query<{ key: string }>('SELECT key FROM idempotency_keys')
  const isLeft = (row: { key: string } | undefined) => left.some(({ key }) => key === row?.key)
  return { almost: isLeft(almost), beyond: isLeft(beyond) }
}
