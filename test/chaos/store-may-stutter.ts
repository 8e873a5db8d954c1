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
/** Enough for a worker's logs and a small output, but not for the large one. */
const DISK_KB = 700
/** Error codes that name the cause. */
const CLEAR_CODES = ['storage.unavailable', 'media.disk_full', 'media.no_free_space', 'task.attempts_used_up']

/** A tenth of the calls to storage fail, and one of two workers has a disk too small for every second task. */
export const storeMayStutter: Scenario = {
  name: 'store-may-stutter',
  promise: 'the storage may be unreliable',
  async run({ short, random, start, report }) {
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

    // Outside the data directory: other processes see an empty directory here.
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
      batchEnv: (index) => (index === 0 && disk ? { SCRATCH_DIR: scratch } : {}),
      batchWrapper: (index) => (index === 0 && disk ? disk : []),
      delivery: { slowStart: false, ackDeadlineMs: 120_000 },
      storage: createGcsStorage(options),
    })
    const client = await stack.openClient()
    const uploadId = await client.upload(stack.sources.tinyFile)
    for (let created = 0; created < tasks; created += 1)
      await client.create(wavTask(stack, uploadId, created % 2 === 1))
    const states = await untilOver(stack, short ? 80_000 : 900_000)
    const { calls, failures } = proxy.tally()
    report(`${calls} calls, ${JSON.stringify(failures)}`)

    const reasons = await stack.query<{ code: string; count: string }>(
      `SELECT failure ->> 'code' AS code, count(*) FROM tasks, jsonb_array_elements(failures) failure GROUP BY 1`,
    )
    const unclear = await stack.query(
      "SELECT 1 FROM tasks WHERE status = 'failed' AND NOT (error ->> 'code' = ANY($1))",
      [CLEAR_CODES],
    )
    const contents = await hashesOf(stack, client)
    await sleep(ORPHAN_GRACE_SECONDS * 1000 + 500)
    const { orphaned, broken } = await objectsAfterSweeps(stack)
    const failed = Object.values(failures).reduce((sum, each) => sum + each, 0)
    return {
      met:
        states.queued + states.running + unclear.length + broken.length + orphaned.length === 0 &&
        contents.odd === 0 &&
        failed > 0,
      figure:
        `${tasks} tasks, ${failed} of ${calls} calls to storage failed` +
        `${disk ? ', one worker with a full disk' : ' (without a small disk, which this machine does not allow)'}: ${states.succeeded} succeeded, ` +
        `${states.failed} failed with a clear reason, ${unclear.length} otherwise; attempts lost to ` +
        `${reasons.map(({ code, count }) => `${code} ${count}`).join(', ') || 'nothing'}; ` +
        `${broken.length + contents.odd} outputs incomplete or different, ${orphaned.length} orphaned objects`,
    }
  },
}

/** Half a second of uncompressed audio (about 96 kB), or six seconds of it (over a megabyte). */
function wavTask({ sources }: Stack, uploadId: string, large: boolean) {
  const source = large ? { url: sources.long } : { upload_id: uploadId }
  return { recipe: { sources: [source], audio: 'keep', output: { format: 'wav', channels: large ? 2 : 1 } } }
}

/** Downloads every output; all outputs of one size class must be identical. Returns the number that differ. */
async function hashesOf(stack: Stack, client: Client): Promise<{ odd: number }> {
  const rows = await stack.query<{ id: string; large: boolean }>(
    "SELECT id, recipe::text LIKE '%/long/%' AS large FROM tasks WHERE status = 'succeeded'",
  )
  const seen = { large: new Map<string, number>(), small: new Map<string, number>() }
  for (const { id, large } of rows) {
    const hash = createHash('sha256')
      .update(await downloadWithRetry(client, id))
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

/** Retries a download, which may fail here as well, until it is complete. */
async function downloadWithRetry(client: Client, id: string): Promise<Buffer> {
  for (let tried = 0; tried < 10; tried += 1) {
    try {
      const reply = await client.call(`/tasks/${id}/outputs/output.wav`)
      if (reply.status === 200) return Buffer.from(await reply.arrayBuffer())
      await reply.body?.cancel()
    } catch {
      // The connection broke: an injected failure.
    }
    await sleep(200)
  }
  throw new Error(`The output of ${id} could not be downloaded.`)
}

/** Sweeps until no orphaned object is left: a removal may hit an injected failure, too. */
async function objectsAfterSweeps(stack: Stack) {
  for (let tried = 0; tried < 5; tried += 1) {
    await stack.sweep()
    const found = await compareObjects(stack)
    if (found.orphaned.length === 0) return found
    await sleep(ORPHAN_GRACE_SECONDS * 1000)
  }
  return compareObjects(stack)
}
