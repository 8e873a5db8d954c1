import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { CutroomError } from '#shared/errors.ts'
import { silentLogger } from '#shared/observability/logger.ts'
import { createDiskStorage } from '#shared/storage/disk.ts'
import type { Storage } from '#shared/storage/port.ts'
import { type MediaWorkspace, openMediaWorkspace } from '../media/testing/media-workspace.ts'
import type { RenderOptions } from '../media/types.ts'
import { createSources } from '../sources/open-source.ts'
import { type RangeServer, startRangeServer } from '../sources/range-server.ts'
import { streamOutputs } from './stream-outputs.ts'
import { claim } from './testing/fakes.ts'

let room: MediaWorkspace
let rangeServer: RangeServer
beforeAll(async () => {
  room = await openMediaWorkspace()
  rangeServer = await startRangeServer(silentLogger)
})
afterAll(async () => {
  await rangeServer.close()
  await room.clips.remove()
})

const BOTH: Parameters<MediaWorkspace['render']>[0] = { outputs: [{ format: 'ogg' }, { format: 'gif' }] }
const never = new AbortController().signal

/** A store on disk, and the way there; `change` replaces parts of the store. */
async function setUp(change: (storage: Storage) => Partial<Storage> = () => ({}), signal = never) {
  const dir = room.clips.fresh('store')
  const disk = createDiskStorage({ dir, publicUrl: 'http://127.0.0.1', signingSecret: 'of a test' })
  /** Keys that were there, be it for a moment. */
  const appeared: string[] = []
  const noting: Storage = {
    ...disk,
    async create(key, ...rest) {
      const about = await disk.create(key, ...rest)
      appeared.push(key)
      return about
    },
  }
  const storage: Storage = { ...noting, ...change(noting) }
  const limits = { allowHosts: [], maxBytes: 1e9, readTimeoutMs: 10_000 }
  const sources = createSources({ storage, limits, rangeServer, log: silentLogger })
  const outputDir = await room.newDir()
  const scratchDir = join(outputDir, '..')
  const options: Partial<RenderOptions> = {
    outputDir,
    signal,
    send: streamOutputs(claim, scratchDir, { storage, sources, signal }),
  }
  const keys = async () => {
    const found: string[] = []
    for await (const { key } of disk.list('')) found.push(key)
    return found
  }
  return { disk, outputDir, options, keys, appeared }
}

const prefix = `tasks/${claim.taskId}/${claim.jobId}-2/`

describe('outputs that are stored while they are made', () => {
  test('lie in no scratch file, and are what a file would have been', async () => {
    const { disk, outputDir, options, keys } = await setUp()
    const path = await room.clips.clip()
    const { outputs } = await room.render(BOTH, [path], options)
    const inFiles = await room.render(BOTH, [path])
    expect(await readdir(outputDir)).toEqual([])
    expect(await keys()).toEqual([`${prefix}output.gif`, `${prefix}output.ogg`])
    expect(outputs.map(({ path: _, sent: __, ...about }) => about)).toEqual(
      inFiles.outputs.map(({ path: _, ...about }) => about),
    )
    for (const { name, bytes } of outputs)
      expect(await buffer(await disk.read(prefix + name))).toHaveLength(bytes)
  })

  test('leave beside those that have to lie in a file', async () => {
    const { outputDir, options, keys } = await setUp()
    const { outputs } = await room.render(
      { outputs: [{ format: 'mp3' }, { format: 'ogg' }] },
      [await room.clips.clip()],
      options,
    )
    expect(await readdir(outputDir)).toEqual(['output.mp3'])
    expect(await keys()).toEqual([`${prefix}output.ogg`])
    expect(outputs.map(({ sent }) => sent)).toEqual([undefined, true])
  })

  test('are made in a file when their loudness is measured there', async () => {
    const { options, keys } = await setUp()
    const recipe = { audio: 'normalize', output: { format: 'ogg' } } as const
    const { outputs } = await room.render(recipe, [await room.clips.clip()], options)
    expect(outputs[0]?.loudness?.integrated).toBeLessThan(0)
    expect(await keys()).toEqual([])
  })

  test('never appear when ffmpeg is ended in the middle', async () => {
    const { options, appeared } = await setUp()
    const path = await room.clips.clip({ seconds: 30 })
    await expect(
      room.render({ ...BOTH, frame: { width: 64, height: 64 } }, [path], { ...options, deadlineMs: 100 }),
    ).rejects.toMatchObject({
      code: 'media.timed_out',
    })
    expect(appeared).toEqual([])
  })

  test('never appear when the making is aborted', async () => {
    const controller = new AbortController()
    const { options, appeared } = await setUp(undefined, controller.signal)
    const reason = new Error('the owner changed their mind')
    const onProgress = () => controller.abort(reason)
    const path = await room.clips.clip({ seconds: 60 })
    await expect(room.render({ output: { format: 'ogg' } }, [path], { ...options, onProgress })).rejects.toBe(
      reason,
    )
    expect(appeared).toEqual([])
  })

  test('are gone when another output fails its check', async () => {
    const { options, keys } = await setUp()
    const send: RenderOptions['send'] = async (output, body) => {
      const sent = await options.send?.(output, body)
      if (!sent) throw new Error('nothing to send with')
      const short = await room.clips.clip({ seconds: 1, sound: false })
      return output.name.endsWith('.gif')
        ? sent
        : { ...sent, inspect: (act) => act({ url: `file:${short}`, inputOptions: [] }) }
    }
    await expect(room.render(BOTH, [await room.clips.clip()], { ...options, send })).rejects.toMatchObject({
      code: 'media.wrong_result',
    })
    expect(await keys()).toEqual([])
  })

  test('end the run with the error of a store that fails in the middle', async () => {
    const down = new CutroomError('storage.unavailable', 'as the test wants it')
    const { options, appeared } = await setUp((disk) => ({
      async create(key, body, about) {
        if (!key.endsWith('.ogg')) return disk.create(key, body, about)
        for await (const _ of body) throw down
        throw new Error('there was nothing to store')
      },
    }))
    // Long enough for ffmpeg to be at work still, with nobody to read what it writes.
    const path = await room.clips.clip({ seconds: 60, size: '32x32' })
    await expect(room.render(BOTH, [path], options)).rejects.toBe(down)
    expect(appeared).toEqual([])
  })
})
