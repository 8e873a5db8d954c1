import { createRandom } from '#test/chaos/random.ts'
import { fixed, median, type Report } from '../harness.ts'
import { type Outcome, type SimulatedTask, simulate, type Way } from './simulate.ts'

/** Seconds of a reel from creation to result, and of a chunk of 45 planned seconds: measured, above and in "Chunks". */
const REEL_S = 3.4
const CHUNK_S = 29

type Variant = { name: string; way: Way; firstWindow: number; claimsForS?: number | undefined }

const VARIANTS: Variant[] = [
  { name: 'workers pull', way: 'pull', firstWindow: 1 },
  { name: 'a slot claims on', way: 'push', firstWindow: 1 },
  { name: 'a slot claims on, window of 8 at first', way: 'push', firstWindow: 8 },
  { name: 'a slot claims on for 45 s from the start', way: 'push', firstWindow: 1, claimsForS: 45 },
  { name: 'a slot claims on for 20 s from the start', way: 'push', firstWindow: 1, claimsForS: 20 },
  { name: 'one job each', way: 'push-each', firstWindow: 1 },
  { name: 'one job each, window of 8 at first', way: 'push-each', firstWindow: 8 },
]

type Situation = { name: string; slots: number; tasks: SimulatedTask[]; of: string }

const burst = (count: number, seconds: number, user: string): SimulatedTask[] =>
  Array.from({ length: count }, () => ({ at: 0, user, seconds }))

/** Arrivals at random, `perHour` of them on average, for one hour. */
function arrivals(perHour: number, seconds: number, user: string): SimulatedTask[] {
  const random = createRandom(7)
  const tasks: SimulatedTask[] = []
  for (let at = 0; ; ) {
    at -= (Math.log(1 - random.next()) * 3600) / perHour
    if (at >= 3600) return tasks
    tasks.push({ at, user, seconds })
  }
}

const SITUATIONS: Situation[] = [
  { name: '500 reels at once', slots: 6, tasks: burst(500, REEL_S, 'ada'), of: 'ada' },
  { name: '5,000 reels at once', slots: 40, tasks: burst(5000, REEL_S, 'ada'), of: 'ada' },
  { name: '1,000 reels an hour', slots: 6, tasks: arrivals(1000, REEL_S, 'ada'), of: 'ada' },
  {
    name: '120 chunks at once; of another, 60 reels an hour',
    slots: 6,
    tasks: [...burst(120, CHUNK_S, 'ada'), ...arrivals(60, REEL_S, 'bob')],
    of: 'bob',
  },
]

/** `npm run bench -- push`: see simulate.ts for what is simulated. Takes seconds and no particular machine. */
export async function push(): Promise<Report> {
  return {
    title: 'Pushes of Pub/Sub, simulated',
    notes: [
      'A simulation of what Google documents, not a measurement of Pub/Sub: slow start (a window of 1, doubled by each acknowledgement, halved by each refusal, at most 3,000), the retry policy of terraform/queue.tf (10 to 600 s), a deadline of 600 s, dead letters after 100 deliveries, and the [push back-off](https://cloud.google.com/pubsub/docs/push#push_backoff) of the whole subscription, which is documented at two rates of refusals (0.5 s between messages at one a second, 30 to 60 s at five) and assumed to be exponential between them, over an average of 10 s. All slots run from the beginning, a push that finds none free is refused at once, and republishing is as in the product.',
      `A reel takes ${REEL_S} s and a chunk ${CHUNK_S} s, as measured in the sections Overhead and Chunks. *Workers pull* is a worker pool; *a slot claims on* is the product on Cloud Run services ([decisions 0018](decisions/0018-workers-claim-by-themselves.md) and [0034](decisions/0034-requests-end-early-at-first.md)), for 3 s in the first request of an instance, and twice as long in each that follows, up to 45 s; *one job each* is what it did before 0018. Waits are from the creation of a task to its start; in the last situation those of the other user's reels.`,
      'What it shows: no message is given up, and a slot that claims on leaves the back-off without effect. What remains is the slow start: each acknowledgement doubles the window, and a request is acknowledged when it ends. The first requests of an instance therefore end soon, and later ones claim on for as long as they have the time for a whole job. With 45 s from the start, a burst took a quarter longer than with workers that pull; with the first requests short it takes a twentieth. With a window of 8 at first (Google says only that it is small) it costs less still. Another user waits for one job, whatever the queue does.',
    ],
    tables: [
      {
        head: [
          '',
          'slots',
          '',
          'ended after s',
          'slots busy %',
          'median wait s',
          'p95 wait s',
          'refused',
          'dead letters',
        ],
        rows: SITUATIONS.flatMap(({ name, slots, tasks, of }) =>
          VARIANTS.map((variant) => {
            const { way, firstWindow, claimsForS } = variant
            const outcome = simulate({ tasks, slots, way, claimsForS, delivery: { firstWindow } })
            return [name, String(slots), variant.name, ...figures(outcome, tasks, of)]
          }),
        ),
      },
    ],
    targets: SITUATIONS.slice(0, 2).map(({ name, slots, tasks }) => ({
      what: `${name}: time against workers that pull`,
      measured:
        simulate({ tasks, slots, way: 'push' }).endedS / simulate({ tasks, slots, way: 'pull' }).endedS,
      bound: 'at most' as const,
      limit: 1.2,
    })),
  }
}

function figures(
  { endedS, busy, waitsS, refused, deadLettered }: Outcome,
  tasks: SimulatedTask[],
  user: string,
) {
  const waits = waitsS.filter((_, i) => tasks[i]?.user === user).toSorted((a, b) => a - b)
  const p95 = waits[Math.floor(waits.length * 0.95)] ?? Number.NaN
  return [
    fixed(endedS),
    fixed(100 * busy),
    fixed(median(waits)),
    fixed(p95),
    String(refused),
    String(deadLettered),
  ]
}
