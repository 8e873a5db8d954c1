import { setTimeout as sleep } from 'node:timers/promises'
import { eventually } from '../e2e/processes.ts'
import type { Client } from './client.ts'
import {
  checksumOf,
  FILM_SETTINGS,
  type FilmJob,
  filmTask,
  generateFilm,
  jobsOf,
  SLOTS,
  withDamagedChunk,
} from './film.ts'
import { compareObjects } from './objects.ts'
import type { Scenario } from './scenario.ts'
import type { Stack } from './stack.ts'
import { untilOver } from './tally.ts'

const ORPHAN_GRACE_SECONDS = 2
const ATTEMPTS = 2
const TIMEOUT_MS = 180_000
/** So many that some have not begun when the first is finished. */
const CHUNKS = 3 * SLOTS + 2

/**
 * Films of which one chunk is damaged, beside a film of another user; films that are replaced while they are worked on; and
 * films whose host goes away in the middle and comes back once they have failed, when their owner retries them.
 */
export const poisonChunk: Scenario = {
  name: 'poison-chunk',
  promise: 'a chunk that always fails ends only its own task, and a retry keeps the others',
  async run({ short, random, start, report }) {
    const rounds = short ? 1 : 10
    await using stack = await start({
      webs: 1,
      batches: 1,
      env: {
        ...FILM_SETTINGS,
        JOB_MAX_ATTEMPTS: String(ATTEMPTS),
        ORPHAN_GRACE_SECONDS: String(ORPHAN_GRACE_SECONDS),
      },
      delivery: { slowStart: false, maxDeliveryAttempts: 0 },
    })
    const film = await generateFilm(stack.dir, CHUNKS)
    const [owner, other] = [await stack.openClient(), await stack.openClient()]
    const checksums = new Set<string | undefined>()
    const reasons = { damaged: 0, changed: 0, away: 0 }
    const totals = { active: 0, finished: 0, repeated: 0 }

    for (let round = 0; round < rounds; round += 1) {
      const damaged = random.whole(1, CHUNKS - 1)
      const name = `damaged-${round}`
      const poisoned = await withDamagedChunk(stack.dir, CHUNKS, damaged)
      const { id } = await owner.create(muted(stack.sources.serve(name, poisoned)))
      const unharmed = await other.create(filmTask(stack.sources.serve('good', film)))
      await untilOver(stack, TIMEOUT_MS)
      if (await hasFailedWith(owner, id, 'media.damaged', 1)) reasons.damaged += 1
      totals.active += (await jobsOf(stack, id)).filter(isActive).length
      checksums.add(await checksumOf(stack, unharmed.id))
      await remove(owner, id)
      report(`chunk ${damaged + 1} of ${CHUNKS} damaged`)

      if (await failsWhenReplaced(stack, owner, `replaced-${round}`, { film, by: poisoned }))
        reasons.changed += 1
      const retried = await retryAfterOutage(stack, owner, `unreliable-${round}`, film)
      if (retried.failed) reasons.away += 1
      totals.finished += retried.finished
      totals.repeated += retried.repeated
      checksums.add(await checksumOf(stack, retried.id))
      report(`${retried.finished} chunks finished before the host went away, ${retried.repeated} repeated`)
    }
    const states = await untilOver(stack, 1_000)
    await sleep(ORPHAN_GRACE_SECONDS * 1000 + 500)
    await stack.sweep()
    const { orphaned, broken } = await compareObjects(stack)
    return {
      met:
        reasons.damaged === rounds &&
        reasons.changed === rounds &&
        reasons.away === rounds &&
        states.succeeded === 2 * rounds &&
        checksums.size === 1 &&
        !checksums.has(undefined) &&
        totals.finished > 0 &&
        totals.active + totals.repeated + orphaned.length + broken.length === 0,
      figure:
        `films of ${CHUNKS} chunks: ${reasons.damaged} of ${rounds} with a damaged chunk failed with media.damaged at its first ` +
        `attempt, ${totals.active} of their other jobs still active; ${reasons.changed} of ${rounds} that were replaced failed with ` +
        `source.changed at the first attempt; ${reasons.away} of ${rounds} whose host went away failed with ` +
        `source.unavailable after ${ATTEMPTS} attempts, and their retries repeated ${totals.repeated} of ${totals.finished} finished ` +
        `chunks; ${states.succeeded} of ${2 * rounds} retried and other users' films succeeded, with ${checksums.size - 1} different ` +
        `files; ${orphaned.length} orphaned objects, ${broken.length} incomplete outputs`,
    }
  },
}

/** The audio of a damaged film would be damaged as well. */
const muted = (url: string) => {
  const { recipe } = filmTask(url)
  return { recipe: { ...recipe, audio: 'mute' } }
}

/** Whether a film fails, at once and for that reason, when its host serves another file of the same size after the first chunk. */
async function failsWhenReplaced(
  stack: Stack,
  client: Client,
  name: string,
  { film, by }: { film: Buffer; by: Buffer },
): Promise<boolean> {
  const { id } = await client.create(filmTask(stack.sources.serve(name, film)))
  await untilChunkIsFinished(stack, id)
  stack.sources.serve(name, by)
  await untilOver(stack, TIMEOUT_MS)
  const failed = await hasFailedWith(client, id, 'source.changed', 1)
  await remove(client, id)
  return failed
}

const untilChunkIsFinished = (stack: Stack, id: string): Promise<unknown> =>
  eventually('a chunk is finished', TIMEOUT_MS, async () => (await jobsOf(stack, id)).some(isFinishedChunk))

type Retried = { id: string; failed: boolean; finished: number; repeated: number }

/** A film whose host goes away once a chunk is finished, and is back for the retry. `repeated`: of the finished chunks. */
async function retryAfterOutage(stack: Stack, client: Client, host: string, film: Buffer): Promise<Retried> {
  const { id } = await client.create(filmTask(stack.sources.serve(host, film)))
  const finishedChunks = async () => (await jobsOf(stack, id)).filter(isFinishedChunk)
  await untilChunkIsFinished(stack, id)
  stack.sources.withhold(host, true)
  await untilOver(stack, TIMEOUT_MS)
  const failed = await hasFailedWith(client, id, 'source.unavailable', ATTEMPTS)
  const before = await finishedChunks()

  stack.sources.withhold(host, false)
  const reply = await client.call(`/tasks/${id}/retry`, { method: 'POST' })
  await reply.body?.cancel()
  await untilOver(stack, TIMEOUT_MS)
  const after = new Map((await finishedChunks()).map((job) => [job.id, job.attempt]))
  const repeated = before.filter((job) => after.get(job.id) !== job.attempt).length
  return { id, failed, finished: before.length, repeated }
}

/** Whether a task failed with this code, at the given attempt of one of its chunks. */
async function hasFailedWith(client: Client, id: string, code: string, attempt: number): Promise<boolean> {
  const { status, error, failures } = await client.task(id)
  const last = failures.at(-1)
  return status === 'failed' && error?.code === code && last?.code === code && last.attempt === attempt
}

async function remove(client: Client, id: string): Promise<void> {
  const reply = await client.call(`/tasks/${id}`, { method: 'DELETE' })
  await reply.body?.cancel()
}

const isFinishedChunk = ({ kind, status }: FilmJob): boolean => kind === 'chunk' && status === 'succeeded'

const isActive = ({ status }: FilmJob): boolean => status === 'queued' || status === 'running'
