import { execFile } from 'node:child_process'
import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { Recipe } from '#shared/contract/recipe.ts'
import { silentLogger } from '#shared/observability/logger.ts'
import { createBlockReader } from '../../sources/block-reader.ts'
import { type RangeServer, startRangeServer } from '../../sources/range-server.ts'
import { servedInput, storedInput } from '../../sources/source-input.ts'
import { findSandbox } from '../ffmpeg/find-sandbox.ts'
import { fileInput, type MediaInput } from '../probe/media-input.ts'
import { SMALL_RECIPE } from './hostile-workspace.ts'
import { anUpload, type MediaWorkspace, openMediaWorkspace } from './media-workspace.ts'

const tools = ['ffmpeg', 'ffprobe']
const sandbox = await findSandbox('auto', { tools, dir: '/tmp', log: silentLogger })
if (!sandbox)
  console.warn('\n*** SKIPPED: the sandbox is not tested, because bubblewrap does not work here. ***\n')
const sandboxed = sandbox ? test : test.skip

let workspace: MediaWorkspace
let rangeServer: RangeServer
beforeAll(async () => {
  rangeServer = await startRangeServer(silentLogger)
  workspace = await openMediaWorkspace({}, { sandbox })
})
afterAll(async () => {
  await rangeServer.close()
  await workspace.clips.remove()
})

/** A clip behind the range server, as sources are. */
async function served(path: string) {
  const { size } = await stat(path)
  const reader = createBlockReader({
    name: 'test',
    size,
    async *read(range) {
      yield* createReadStream(path, range)
    },
  })
  return { ...servedInput(rangeServer.serve(reader).url, rangeServer, 10_000), readError: reader.readError }
}

sandboxed(
  'a source that is read over loopback is rendered in a sandbox, with a bumper and thumbnails',
  async () => {
    const recipe = Recipe.parse({
      ...SMALL_RECIPE,
      bumper: {},
      thumbnails: { stills: { count: 2 } },
      sources: [anUpload()],
    })
    const sources = [await served(await workspace.clips.clip())]
    const { signal } = new AbortController()
    const outputDir = await workspace.newDir()
    const { outputs } = await workspace.engine.render(recipe, { sources, images: {} }, { outputDir, signal })
    expect(outputs).toHaveLength(3)
  },
)

sandboxed('a file outside of the directory of the job does not exist there', async () => {
  const path = await workspace.clips.clip()
  const { signal } = new AbortController()
  const recipe = Recipe.parse({ ...SMALL_RECIPE, sources: [anUpload()] })
  const render = async (scratchDir?: string) => {
    const outputDir = await workspace.newDir()
    const options = { outputDir, signal, ...(scratchDir && { scratchDir }) }
    return workspace.engine.render(recipe, { sources: [fileInput(path)], images: {} }, options)
  }
  await expect(render()).rejects.toMatchObject({ code: 'media.unreadable' })
  expect((await render(dirname(path)))?.outputs).toHaveLength(1)
})

sandboxed(
  'an object that the store keeps in a file is rendered from there, and nothing beside it exists',
  async () => {
    const path = await workspace.clips.clip()
    const other = await workspace.clips.clip({ seconds: 3 })
    expect(dirname(other)).toBe(dirname(path))
    const recipe = Recipe.parse({ ...SMALL_RECIPE, sources: [anUpload()] })
    const render = async (input: MediaInput) => {
      const options = { outputDir: await workspace.newDir(), signal: new AbortController().signal }
      return workspace.engine.render(recipe, { sources: [input], images: {} }, options)
    }
    expect((await render(storedInput(path))).outputs).toHaveLength(1)
    const disguised = { ...storedInput(other), file: path }
    await expect(render(disguised)).rejects.toMatchObject({ code: 'media.unreadable' })
  },
)

sandboxed('an aborted run leaves no process behind', async () => {
  const path = await workspace.clips.clip({ size: '640x360', seconds: 12, options: ['-preset', 'ultrafast'] })
  const abort = new AbortController()
  const slow = { frame: { width: 1920, height: 1080 }, output: { format: 'webm' as const } }
  const rendering = workspace.render(slow, [path], { scratchDir: dirname(path), signal: abort.signal })
  setTimeout(() => abort.abort(new Error('no longer wanted')), 700)
  await expect(rendering).rejects.toThrow('no longer wanted')
  const list = await new Promise<string>((resolve) =>
    execFile('ps', ['-eo', 'args'], (_, stdout) => resolve(stdout)),
  )
  expect(list.split('\n').filter((line) => line.includes('ff') && line.includes(dirname(path)))).toEqual([])
})
