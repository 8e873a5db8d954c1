import type { Random } from './random.ts'
import { tinyTask } from './recipes.ts'
import type { Scenario } from './scenario.ts'
import type { Stack } from './stack.ts'
import { count, percentile, seconds, untilOver } from './tally.ts'

const PROMISED_SHARE = 0.9
/** Rounds of the full form: fixed in advance, so that chance does not decide when to stop. */
const ROUNDS = 5
/** Maximum rounds of the short form, which runs in tests and must not fail because the machine was busy for a moment. */
const MAX_SHORT_ROUNDS = 3
const WARM_UP = 8
/** How long a healthy task waits for its source: longer than the noise of a shared machine. */
const SOURCE_MS = 1_500

/**
 * The same healthy tasks twice, once alone and once mixed with a tenth of tasks that fail every attempt; which comes
 * first alternates from round to round.
 */
export const poisonNeverBlocks: Scenario = {
  name: 'poison-never-blocks',
  promise: 'poison tasks never block the others',
  async run({ short, random, start, report }) {
    const healthy = short ? 18 : 90
    const attempts = short ? 3 : 5
    await using stack = await start({
      env: {
        BATCH_CONCURRENCY: '2',
        REPUBLISH_AFTER_SECONDS: '5',
        SWEEP_SECONDS: '1',
        JOB_MAX_ATTEMPTS: String(attempts),
      },
      // The queue dead-letters nothing and pushes hardly more than there are slots, so that the slots limit the
      // throughput and not the refusals.
      delivery: {
        ...{ slowStart: false, concurrency: 6, ackDeadlineMs: 60_000 },
        ...{ minBackoffMs: 50, maxBackoffMs: 500, maxDeliveryAttempts: 0 },
      },
    })
    // One ratio for each round; the median counts, so that one busy moment of the machine does not decide.
    const shares: number[] = []
    const share = () => percentile(shares, 0.5)
    const needsRound = () =>
      short
        ? shares.length === 0 || (shares.length < MAX_SHORT_ROUNDS && share() < PROMISED_SHARE)
        : shares.length < ROUNDS
    await secondsFor(stack, random, WARM_UP, 0)
    while (needsRound()) {
      const spent = { alone: 0, together: 0 }
      const kinds = ['alone', 'together'] as const
      for (const kind of shares.length % 2 === 0 ? kinds : kinds.toReversed()) {
        spent[kind] = await secondsFor(stack, random, healthy, kind === 'alone' ? 0 : healthy / 9)
        await untilOver(stack, 180_000)
      }
      shares.push(spent.alone / spent.together)
      report(`${seconds(spent.alone * 1000)} alone, ${seconds(spent.together * 1000)} with poison`)
    }
    const rounds = shares.length
    const poison = (rounds * healthy) / 9

    const states = await untilOver(stack, 180_000)
    const failed = await stack.query<{ code: string; tries: number; letters: string }>(
      `SELECT error ->> 'code' AS code, jsonb_array_length(failures) AS tries,
         (SELECT count(*) FROM dead_letters WHERE task_id = tasks.id) AS letters
       FROM tasks WHERE status = 'failed'`,
    )
    const asPromised = failed.filter(
      ({ code, tries, letters }) =>
        code === 'source.unavailable' && tries === attempts && Number(letters) === 1,
    ).length
    const letters = await stack.query("SELECT 1 FROM dead_letters WHERE reason = 'source.unavailable'")
    return {
      met:
        share() >= PROMISED_SHARE &&
        states.succeeded === WARM_UP + 2 * rounds * healthy &&
        asPromised === poison &&
        letters.length === asPromised,
      figure:
        `${rounds * healthy} healthy tasks and ${poison} that always fail: throughput of the healthy ` +
        `${Math.round(share() * 100)} % of a clean run (median of ${rounds}); ${count(asPromised, 'poison task')} of ${poison} ` +
        `failed with the reason after ${attempts} attempts and ${letters.length} dead letters`,
    }
  },
}

/** Seconds from the first create to the last success of the healthy tasks. */
async function secondsFor(stack: Stack, random: Random, healthy: number, poison: number): Promise<number> {
  const client = await stack.openClient()
  const sources = [
    ...Array.from({ length: healthy }, () => stack.sources.slow(SOURCE_MS)),
    ...Array.from({ length: poison }, () => stack.sources.broken),
  ].map((url) => ({ url, order: random.next() }))
  sources.sort((a, b) => a.order - b.order)
  const ids: string[] = []
  for (const { url } of sources) {
    const { id } = await client.create(tinyTask({ url }))
    if (url !== stack.sources.broken) ids.push(id)
  }
  await untilDone(stack, ids)
  const [row] = await stack.query<{ seconds: number }>(
    `SELECT extract(epoch FROM max(finished_at) - min(created_at))::float AS seconds FROM tasks WHERE id = ANY($1)`,
    [ids],
  )
  return row?.seconds ?? Number.POSITIVE_INFINITY
}

async function untilDone(stack: Stack, ids: string[]): Promise<void> {
  const open = `SELECT status FROM tasks WHERE id = ANY($1) AND status IN ('queued', 'running')`
  await untilOver(
    {
      query: async <Row>() => {
        const rows = await stack.query<{ status: string }>(open, [ids])
        return rows.map(({ status }) => ({ status, count: 1 })) as Row[]
      },
    },
    300_000,
  )
}
