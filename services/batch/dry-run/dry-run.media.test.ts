import { execFile } from 'node:child_process'
import { createReadStream } from 'node:fs'
import { mkdir, stat } from 'node:fs/promises'
import type { Readable } from 'node:stream'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import type { z } from 'zod'
import { applyPreset } from '#shared/contract/presets.ts'
import { Recipe } from '#shared/contract/recipe.ts'
import { silentLogger } from '#shared/observability/logger.ts'
import { openFiles } from '../jobs/open-files.ts'
import { estimate } from '../media/estimate/estimate.ts'
import { fileInput } from '../media/probe/media-input.ts'
import { type MediaWorkspace, openMediaWorkspace } from '../media/testing/media-workspace.ts'
import { argumentsOf } from '../media/testing/plans.ts'
import { createSources, type Sources } from '../sources/open-source.ts'
import { type RangeServer, startRangeServer } from '../sources/range-server.ts'
import { createDryRunner } from './dry-run.ts'

const USER = '11111111-1111-4111-8111-111111111111'
const UPLOAD = '22222222-2222-4222-8222-222222222222'
const source = { upload_id: UPLOAD }
/** Estimates may be off by this factor, either way. */
const ROUGHLY = 3

const SETTINGS = {
  concurrency: 1,
  deadlineMs: 60_000,
  limitMs: 480_000,
  isLimited: true,
  slots: 1,
  cores: 2,
  chunks: undefined,
}

let workspace: MediaWorkspace
let rangeServer: RangeServer
let sources: Sources
/** Bytes of the clip that were read. */
let fetched: number
let clip: string

beforeAll(async () => {
  workspace = await openMediaWorkspace()
  clip = await workspace.clips.clip({ size: '1280x720', seconds: 8, options: ['-preset', 'veryfast'] })
  const { size } = await stat(clip)
  rangeServer = await startRangeServer(silentLogger)
  sources = createSources({
    storage: {
      stat: async (key) => ({ key, bytes: size, contentType: '', crc32c: '', createdAt: new Date() }),
      read: async (_, { range } = {}) => {
        fetched += range ? range.end - range.start + 1 : size
        return createReadStream(clip, range) as Readable
      },
    },
    limits: { allowHosts: [], maxBytes: 1e9, readTimeoutMs: 10_000 },
    rangeServer,
    log: silentLogger,
  })
})
afterAll(async () => {
  await sources.close()
  await rangeServer.close()
  await workspace.clips.remove()
})

const uploads = {
  find: async () => [
    { id: UPLOAD, userId: USER, objectKey: 'clip', filename: 'clip.mp4', contentType: 'video/mp4' },
  ],
}

const aRecipe = (more: Omit<z.input<typeof Recipe>, 'sources'>, trim?: object) =>
  Recipe.parse({ ...more, sources: [{ ...source, ...(trim && { trim }) }] })

const RECIPES: [string, Recipe][] = [
  ['a reel', applyPreset('reel', [source])],
  ['a trim from the middle', aRecipe({ frame: { width: 640, height: 360 } }, { start: 4, duration: 2 })],
  [
    'parts',
    aRecipe({ split: { every: 3 }, bumper: { intro: { seconds: 1 } }, output: { quality: 'draft' } }),
  ],
  ['copied streams', applyPreset('convert', [source])],
  ['audio only', applyPreset('mp3', [source])],
  [
    'several outputs and a poster',
    aRecipe({
      frame: { width: 320, height: 180 },
      outputs: [{ format: 'mp4' }, { format: 'webm' }, { format: 'wav' }],
      thumbnails: { poster: { at: 1 }, sprite: { count: 4 } },
    }),
  ],
]

test.each(RECIPES)(
  'a dry run of %s gives exact durations, and approximate sizes and bytes to read',
  async (_, recipe) => {
    const scratchDir = workspace.clips.fresh('scratch')
    const settings = { ...SETTINGS, scratchDir }
    const deps = { sources, media: workspace.engine, uploads, settings, log: silentLogger }
    const dryRun = await createDryRunner(deps, new AbortController().signal).dryRun({ user_id: USER, recipe })

    await mkdir(scratchDir, { recursive: true })
    fetched = 0
    const signal = AbortSignal.timeout(100_000)
    await using files = await openFiles({ userId: USER, recipe }, deps, scratchDir, signal)
    const rendered = await workspace.engine.render(recipe, files, {
      outputDir: await workspace.newDir(),
      signal,
    })

    expect(dryRun).toMatchObject({ sources: rendered.sources, problem: null, fits: true })
    expect(dryRun.outputs.map(({ name }) => name)).toEqual(rendered.outputs.map(({ name }) => name))
    for (const [index, output] of rendered.outputs.entries()) {
      const planned = dryRun.outputs[index]
      expect(planned?.content_type).toBe(output.content_type)
      if (typeof output.seconds === 'number')
        expect(Math.abs(output.seconds - (planned?.seconds ?? 0))).toBeLessThan(0.15)
      if (typeof output.width === 'number')
        expect(planned).toMatchObject({ width: output.width, height: output.height })
      expectRoughly(planned?.estimated_bytes, output.bytes)
    }
    expectRoughly(dryRun.bytes_to_read, fetched)
  },
)

test('a dry run of work that is divided tells as many chunks as the render gives', async () => {
  const recipe = aRecipe({ frame: { width: 320, height: 180 }, output: { quality: 'draft' } })
  const files = { sources: [fileInput(clip)], images: {} }
  const { signal } = new AbortController()
  const divide = { seconds: 1e-6, cores: 1, threads: 1 }
  const { jobs } = await workspace.engine.dryRun(recipe, files, { signal, divide })
  const { expansion } = await workspace.engine.render(recipe, files, {
    outputDir: await workspace.newDir(),
    signal,
    divide,
  })
  const kinds = (all: { kind: string }[] = []) => all.map(({ kind }) => kind)
  expect(kinds(jobs)).toEqual(kinds(expansion?.jobs))
  expect(kinds(jobs)).toEqual(['audio', 'chunk', 'chunk', 'chunk', 'chunk', 'stitch'])
})

test('CPU estimates are proportional to the work, whatever the speed of this machine', async () => {
  const ratios: number[] = []
  for (const recipe of [
    aRecipe({ frame: { width: 640, height: 360 }, output: { quality: 'standard' } }),
    aRecipe({ frame: { width: 1280, height: 720 }, output: { quality: 'high' } }, { duration: 2 }),
    aRecipe({ frame: { width: 320, height: 180 }, output: { codec: 'hevc' } }),
    aRecipe({ frame: { width: 320, height: 180 }, output: { format: 'webm' } }, { duration: 3 }),
  ]) {
    const signal = AbortSignal.timeout(100_000)
    const planned = await workspace.engine.dryRun(
      recipe,
      { sources: [fileInput(clip)], images: {} },
      { signal },
    )
    const { cpuSeconds } = estimate(recipe, planned, { cores: 2 })
    const outputDir = await workspace.newDir()
    const [run] = planned.plan.runs
    const args = (run ? argumentsOf(run) : []).map((arg) =>
      arg.startsWith('./') ? `${outputDir}/${arg}` : arg,
    )
    ratios.push((await cpuOf(args)) / cpuSeconds)
  }
  expect(Math.max(...ratios) / Math.min(...ratios)).toBeLessThan(ROUGHLY)
})

/** CPU seconds of an ffmpeg run, as reported by the `times` builtin of its parent shell. */
async function cpuOf(args: string[]): Promise<number> {
  const script = '"$@" 2>/dev/null && times'
  const { stdout } = await promisify(execFile)('sh', ['-c', script, 'sh', 'ffmpeg', ...args])
  const [, children = ''] = stdout.trim().split('\n')
  return [...children.matchAll(/(\d+)m([\d.]+)s/g)].reduce(
    (sum, [, m, s]) => sum + Number(m) * 60 + Number(s),
    0,
  )
}

function expectRoughly(estimated: number | null | undefined, actual: number) {
  expect((estimated ?? 0) / actual).toBeGreaterThan(1 / ROUGHLY)
  expect((estimated ?? 0) / actual).toBeLessThan(ROUGHLY)
}
