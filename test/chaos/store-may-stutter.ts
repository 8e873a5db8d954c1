import { createHash } from 'node:crypto'
import { rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { createGcsStorage } from '#shared/storage/gcs.ts'
import { forkFakeGcs } from '../fake-gcs/child.ts'
import type { Client } from './client.ts'
import { compareObjects } from './objects.ts'
import type { Scenario } from './scenario.ts'
import { smallDisk } from './small-disk.ts'
import type { Stack } from './stack.ts'
import { startStorageProxy } from './storage-proxy.ts'
import { untilOver } from './tally.ts'

const SHARE = 0.1
const BUCKET = 'chaos'
const ORPHAN_GRACE_SECONDS = 2
/** Holds the logs of a worker and a small output, but not the large one. */
const DISK_KB = 700
/** Reasons that say clearly what was wrong. */
const CLEAR = ['storage.unavailable', 'media.disk_full', 'media.no_free_space', 'task.attempts_used_up']

/** A tenth of the calls to the store go wrong, and one of two workers has a disk that is too small for every second task. */
export const storeMayStutter: Scenario = {
  name: 'store-may-stutter',
  promise: 'the store may stutter',
  async run({ short, random, start, say }) {
    const tasks = short ? 16 : 200
    await using started = new AsyncDisposableStack()
    const store = await forkFakeGcs(BUCKET)
    started.defer(() => store.close())
    const proxy = await startStorageProxy({
      target: store.url,
      share: SHARE,
      stallMs: short ? 2_000 : 20_000,
      random,
    })
    started.defer(() => proxy.close())
    const options = { bucket: BUCKET, project: 'chaos', publicUrl: 'http://127.0.0.1', emulator: store.url }

    // Beside the data, where no other process sees more than an empty folder.
    const scratch = join(tmpdir(), `cutroom-small-disk-${process.pid}`)
    started.defer(() => rm(scratch, { recursive: true, force: true }))
    const disk = smallDisk(scratch, DISK_KB)
    await using stack = await start({
      env: {
        ...{ STORAGE: 'gcs', BUCKET, GOOGLE_CLOUD_PROJECT: 'chaos', STORAGE_EMULATOR_HOST: proxy.url },
        ...{
          BATCH_CONCURRENCY: '2',
          ORPHAN_GRACE_SECONDS: String(ORPHAN_GRACE_SECONDS),
          REPUBLISH_AFTER_SECONDS: '5',
        },
      },
      batchEnv: (place) => (place === 0 && disk ? { SCRATCH_DIR: scratch } : {}),
      batchWrapper: (place) => (place === 0 && disk ? disk : []),
      delivery: { slowStart: false, ackDeadlineMs: 120_000 },
      storage: createGcsStorage(options),
    })
    const client = await stack.openClient()
    const uploadId = await client.upload(stack.sources.tinyFile)
    for (let made = 0; made < tasks; made += 1) await client.create(wavTask(stack, uploadId, made % 2 === 1))
    const states = await untilOver(stack, short ? 80_000 : 900_000)
    const { calls, struck } = proxy.tally()
    say(`${calls} calls, ${JSON.stringify(struck)}`)

    const reasons = await stack.query<{ code: string; count: string }>(
      `SELECT failure ->> 'code' AS code, count(*) FROM tasks, jsonb_array_elements(failures) failure GROUP BY 1`,
    )
    const unclear = await stack.query(
      "SELECT 1 FROM tasks WHERE status = 'failed' AND NOT (error ->> 'code' = ANY($1))",
      [CLEAR],
    )
    const contents = await hashesOf(stack, client)
    await sleep(ORPHAN_GRACE_SECONDS * 1000 + 500)
    const { unnamed, broken } = await sweptObjects(stack)
    const faults = Object.values(struck).reduce((sum, each) => sum + each, 0)
    return {
      met:
        states.queued + states.running + unclear.length + broken.length + unnamed.length === 0 &&
        contents.odd === 0 &&
        faults > 0,
      figure:
        `${tasks} tasks, ${faults} of ${calls} calls to the store went wrong` +
        `${disk ? ', one worker with a full disk' : ' (no small disk could be had here)'}: ${states.succeeded} succeeded, ` +
        `${states.failed} failed with a clear reason, ${unclear.length} otherwise; attempts lost to ` +
        `${reasons.map(({ code, count }) => `${code} ${count}`).join(', ') || 'nothing'}; ` +
        `${broken.length + contents.odd} outputs not whole, ${unnamed.length} objects named by nobody`,
    }
  },
}

/** Half a second of sound uncompressed (some 96 kB), or six seconds of it (over a megabyte). */
function wavTask({ sources }: Stack, uploadId: string, large: boolean) {
  const source = large ? { url: sources.long } : { upload_id: uploadId }
  return { recipe: { sources: [source], audio: 'keep', output: { format: 'wav', channels: large ? 2 : 1 } } }
}

/** Downloads every output: those of one kind must be the same to the byte. */
async function hashesOf(stack: Stack, client: Client): Promise<{ odd: number }> {
  const rows = await stack.query<{ id: string; large: boolean }>(
    "SELECT id, recipe::text LIKE '%/long/%' AS large FROM tasks WHERE status = 'succeeded'",
  )
  const seen = { large: new Map<string, number>(), small: new Map<string, number>() }
  for (const { id, large } of rows) {
    const hash = createHash('sha256')
      .update(await downloadSurely(client, id))
      .digest('hex')
    const hashes = large ? seen.large : seen.small
    hashes.set(hash, (hashes.get(hash) ?? 0) + 1)
  }
  const oddIn = (hashes: Map<string, number>) => {
    const counts = [...hashes.values()]
    return counts.reduce((sum, each) => sum + each, 0) - Math.max(0, ...counts)
  }
  return { odd: oddIn(seen.large) + oddIn(seen.small) }
}

/** A download may break as well; it is asked for again, and may then only be whole. */
async function downloadSurely(client: Client, id: string): Promise<Buffer> {
  for (let tried = 0; tried < 10; tried += 1) {
    try {
      const reply = await client.call(`/tasks/${id}/outputs/output.wav`)
      if (reply.status === 200) return Buffer.from(await reply.arrayBuffer())
      await reply.body?.cancel()
    } catch {
      // The reply broke off, as replies do here.
    }
    await sleep(200)
  }
  throw new Error(`The output of ${id} could not be downloaded.`)
}

/** Sweeps until nothing more goes: a removal may meet a fault, too. */
async function sweptObjects(stack: Stack) {
  for (let tried = 0; tried < 5; tried += 1) {
    await stack.sweep()
    const found = await compareObjects(stack)
    if (found.unnamed.length === 0) return found
    await sleep(ORPHAN_GRACE_SECONDS * 1000)
  }
  return compareObjects(stack)
}
