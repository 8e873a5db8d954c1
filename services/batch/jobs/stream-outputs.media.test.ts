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

let workspace: MediaWorkspace
let rangeServer: RangeServer
beforeAll(async () => {
  workspace = await openMediaWorkspace()
  rangeServer = await startRangeServer(silentLogger)
})
afterAll(async () => {
  await rangeServer.close()
  await workspace.clips.remove()
})

const BOTH: Parameters<MediaWorkspace['render']>[0] = { outputs: [{ format: 'ogg' }, { format: 'gif' }] }
const never = new AbortController().signal

/** Disk storage and the options that stream to it; `change` replaces parts of the storage. */
async function setUp(change: (storage: Storage) => Partial<Storage> = () => ({}), signal = never) {
  const dir = workspace.clips.fresh('store')
  const disk = createDiskStorage({ dir, publicUrl: 'http://127.0.0.1', signingSecret: 'of a test' })
  /** Keys of all objects that ever existed. */
  const appeared: string[] = []
  const recording: Storage = {
    ...disk,
    async create(key, ...rest) {
      const about = await disk.create(key, ...rest)
      appeared.push(key)
      return about
    },
  }
  const storage: Storage = { ...recording, ...change(recording) }
  const limits = { allowHosts: [], maxBytes: 1e9, readTimeoutMs: 10_000 }
  const sources = createSources({ storage, limits, rangeServer, log: silentLogger })
  const outputDir = await workspace.newDir()
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

describe('outputs that are streamed to storage during the render', () => {
  test('need no scratch file, and are the same as rendered to a file', async () => {
    const { disk, outputDir, options, keys } = await setUp()
    const path = await workspace.clips.clip()
    const { outputs } = await workspace.render(BOTH, [path], options)
    const inFiles = await workspace.render(BOTH, [path])
    expect(await readdir(outputDir)).toEqual([])
    expect(await keys()).toEqual([`${prefix}output.gif`, `${prefix}output.ogg`])
    expect(outputs.map(({ path: _, sent: __, ...about }) => about)).toEqual(
      inFiles.outputs.map(({ path: _, ...about }) => about),
    )
    for (const { name, bytes } of outputs)
      expect(await buffer(await disk.read(prefix + name))).toHaveLength(bytes)
  })

  test('can be combined with outputs that need a file', async () => {
    const { outputDir, options, keys } = await setUp()
    const { outputs } = await workspace.render(
      { outputs: [{ format: 'mp3' }, { format: 'ogg' }] },
      [await workspace.clips.clip()],
      options,
    )
    expect(await readdir(outputDir)).toEqual(['output.mp3'])
    expect(await keys()).toEqual([`${prefix}output.ogg`])
    expect(outputs.map(({ sent }) => sent)).toEqual([undefined, true])
  })

  test('are rendered to a file when their loudness has to be measured', async () => {
    const { options, keys } = await setUp()
    const recipe = { audio: 'normalize', output: { format: 'ogg' } } as const
    const { outputs } = await workspace.render(recipe, [await workspace.clips.clip()], options)
    expect(outputs[0]?.loudness?.integrated).toBeLessThan(0)
    expect(await keys()).toEqual([])
  })

  test('never appear when ffmpeg is killed halfway', async () => {
    const { options, appeared } = await setUp()
    const path = await workspace.clips.clip({ seconds: 30 })
    await expect(
      workspace.render({ ...BOTH, frame: { width: 64, height: 64 } }, [path], {
        ...options,
        deadlineMs: 100,
      }),
    ).rejects.toMatchObject({
      code: 'media.timed_out',
    })
    expect(appeared).toEqual([])
  })

  test('never appear when the render is aborted', async () => {
    const controller = new AbortController()
    const { options, appeared } = await setUp(undefined, controller.signal)
    const reason = new Error('the owner changed their mind')
    const onProgress = () => controller.abort(reason)
    const path = await workspace.clips.clip({ seconds: 60, fps: 1 })
    await expect(
      workspace.render({ output: { format: 'ogg' } }, [path], { ...options, onProgress }),
    ).rejects.toBe(reason)
    expect(appeared).toEqual([])
  })

  test('are removed when another output fails its check', async () => {
    const { options, keys } = await setUp()
    const send: RenderOptions['send'] = async (output, body) => {
      const sent = await options.send?.(output, body)
      if (!sent) throw new Error('send is missing')
      const short = await workspace.clips.clip({ seconds: 1, audio: false })
      return output.name.endsWith('.gif')
        ? sent
        : { ...sent, inspect: (act) => act({ url: `file:${short}`, inputOptions: [] }) }
    }
    await expect(
      workspace.render(BOTH, [await workspace.clips.clip()], { ...options, send }),
    ).rejects.toMatchObject({
      code: 'media.wrong_result',
    })
    expect(await keys()).toEqual([])
  })

  test('end the run with the storage error when storing fails halfway', async () => {
    const down = new CutroomError('storage.unavailable', 'as the test wants it')
    const { options, appeared } = await setUp((disk) => ({
      async create(key, body, about) {
        if (!key.endsWith('.ogg')) return disk.create(key, body, about)
        for await (const _ of body) throw down
        throw new Error('the body was empty')
      },
    }))
    // Long enough that ffmpeg is still running when nobody reads its output any more.
    const path = await workspace.clips.clip({ seconds: 60, size: '32x32' })
    await expect(workspace.render(BOTH, [path], options)).rejects.toBe(down)
    expect(appeared).toEqual([])
  })
})
