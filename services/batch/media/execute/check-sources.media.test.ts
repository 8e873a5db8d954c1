import { readFile, writeFile } from 'node:fs/promises'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { Recipe } from '#shared/contract/recipe.ts'
import { silentLogger } from '#shared/observability/logger.ts'
import { ffmpeg, ffprobeLines } from '#test/clips.ts'
import { renderDivided } from '../chunks/testing/render-divided.ts'
import { createRunner } from '../ffmpeg/run-ffmpeg.ts'
import { planEncode } from '../plan/encode.ts'
import type { Plan, PlanContext } from '../plan/types.ts'
import { createX264BuildFinder } from '../probe/find-x264-build.ts'
import { fileInput } from '../probe/media-input.ts'
import { createProbe } from '../probe/probe.ts'
import { createKeyFrameFinder, createKeyFramesFinder } from '../probe/times/find-key-frame.ts'
import { createPacketFinder } from '../probe/times/find-packets.ts'
import { createUncountedStartFinder } from '../probe/times/find-uncounted-start.ts'
import { aMedium, someLimits } from '../testing/fixtures.ts'
import { anUpload, type MediaWorkspace, openMediaWorkspace } from '../testing/media-workspace.ts'
import { countingVideo } from '../testing/shown-frames.ts'
import type { RenderDeps } from '../types.ts'
import { executePlan } from './execute-plan.ts'
import { inspectSources } from './inspect-sources.ts'
import { type MissingContent, withMissing } from './missing-content.ts'

let workspace: MediaWorkspace
beforeAll(async () => {
  workspace = await openMediaWorkspace()
})
afterAll(() => workspace.clips.remove())

const guard = { memoryBytes: 4 * 1024 ** 3, niceness: 5 }
const tools = { ffmpeg: 'ffmpeg', ffprobe: 'ffprobe', limits: someLimits, guard, deadlineMs: 60_000 }
const deps: RenderDeps = {
  probe: createProbe({ ...tools, measureDeadlineMs: 60_000, log: silentLogger }),
  findUncountedStart: createUncountedStartFinder(tools),
  findX264Build: createX264BuildFinder(tools),
  findKeyFrame: createKeyFrameFinder(tools),
  findKeyFrames: createKeyFramesFinder(tools),
  findPackets: createPacketFinder(tools),
  runner: createRunner(tools),
  canConvertColours: async () => true,
  settings: { ...tools, threads: 0, memoryBytes: guard.memoryBytes },
  log: silentLogger,
}

type Sabotage = { context?: (context: PlanContext) => PlanContext; plan?: (plan: Plan) => Plan }

/** Renders a trim of a file as planned, but for what is sabotaged. */
async function rendered(
  path: string,
  trim: { start: number; duration: number } | undefined,
  { context: spoilContext = (context) => context, plan: spoilPlan = (plan) => plan }: Sabotage = {},
) {
  const signal = new AbortController().signal
  const files = { sources: [fileInput(path)], images: {} }
  const source = { ...anUpload(), ...(trim && { trim }) }
  const recipe = Recipe.parse({ sources: [source], output: { format: 'mp4' } })
  const outputDir = await workspace.newDir()
  const context = await inspectSources(recipe, files, deps, { outputDir, signal })
  const plan = spoilPlan(planEncode(spoilContext(context)))
  return executePlan(plan, files, deps, { outputDir, signal })
}

const H264 = [
  '-c:v',
  'libx264',
  '-pix_fmt',
  'yuv420p',
  '-preset',
  'veryfast',
  '-g',
  '60',
  '-sc_threshold',
  '0',
]

async function clip(extension: string, { video = 6, audio = 6, options = H264 } = {}): Promise<string> {
  const path = workspace.clips.fresh(extension)
  await ffmpeg([...countingVideo(video), '-f', 'lavfi', '-i', `sine=d=${audio}`, ...options, path])
  return path
}

const unmeasured = (context: PlanContext): PlanContext => ({
  ...context,
  sources: context.sources.map(({ times: _, keyFrame: __, ...source }) => source),
})

const withInput = (plan: Plan, change: (input: Plan['runs'][number]['inputs'][number]) => object): Plan => ({
  ...plan,
  runs: plan.runs.map((run) => ({
    ...run,
    inputs: run.inputs.map((input) => ({ ...input, ...change(input) })),
  })),
})

/** Has ffmpeg seek to another second than planned. */
const seeking = (seconds: number) => (plan: Plan) =>
  withInput(plan, ({ options }) => ({
    options: options.map((option, i) => (options[i - 1] === '-ss' ? String(seconds) : option)),
  }))

/** Has ffmpeg read another file than planned. */
const reading = (path: string) => (plan: Plan) => withInput(plan, () => ({ source: fileInput(path).url }))

const missing = (what: RegExp) => ({ code: 'media.wrong_result', message: expect.stringMatching(what) })

describe('a result that shows a still frame where its source moves is discarded', () => {
  test('after a seek that landed between the key frames of a transport stream', async () => {
    const path = await clip('ts')
    const trim = { start: 2.5, duration: 2 }
    await expect(rendered(path, trim, { context: unmeasured })).rejects.toMatchObject(
      missing(/The video of source 1 from 2.50 s to .* is missing at the start of its clip/),
    )
    await expect(rendered(path, trim)).resolves.toHaveLength(1)
  })

  test('after a seek that landed behind the key frame it was to find', async () => {
    const path = await clip('ts')
    const trim = { start: 2.5, duration: 2 }
    await expect(rendered(path, trim, { plan: seeking(2.3) })).rejects.toMatchObject(
      missing(/video of source 1/),
    )
  })

  test.each([['mp4'], ['mkv'], ['ts']])('when decoding of %s ended early', async (extension) => {
    const path = await clip(extension)
    // The last frame is held for up to a second: the result is as long as planned.
    const short = await clip(extension, { video: 5.3 })
    await expect(rendered(path, undefined, { plan: reading(short) })).rejects.toMatchObject(
      missing(/The video of source 1 from 5.\d\d s to 6.\d\d s is missing at the end of its clip/),
    )
    await expect(rendered(short, undefined)).resolves.toHaveLength(1)
  })
})

describe('damage of video with a key frame a second', () => {
  const damaged = async (from: number, to: number, seconds = 6) => {
    const path = await clip('mp4', { video: seconds, audio: seconds, options: [...H264, '-g', '30'] })
    const bytes = await readFile(path)
    for (const line of await ffprobeLines(path, 'packet=pts_time,pos,size', 'v')) {
      const [time, size, position] = line.split(',').map(Number) as [number, number, number]
      if (time >= from && time < to) bytes.fill(0, position, position + size)
    }
    await writeFile(path, bytes)
    return path
  }

  test.each([
    ['the frame before it does not stand at the start', { start: 3, duration: 3 }, /from 3.00 s to .* start/],
    ['nor at the end, although the next key frame is there', { start: 1, duration: 3 }, /to 4.00 s .* end/],
  ])('%s', async (_, trim, message) => {
    const recipe = { output: { format: 'mp4' } as const, trims: [trim] }
    await expect(workspace.render(recipe, [await damaged(2, 4)])).rejects.toMatchObject({
      code: 'media.damaged',
      message: expect.stringMatching(message),
    })
  })

  test('within a clip is concealed, and reported', async () => {
    const missing: MissingContent[] = []
    const onMissing = (found: MissingContent) => missing.push(found)
    const path = await damaged(2, 4)
    await workspace.render({ output: { format: 'mp4', crf: 30 } }, [path], { onMissing })
    expect(missing).toEqual([{ source: 0, kind: 'video', from: 2, to: 4 }])
  })

  test('of parts of frames is reported', async () => {
    const path = workspace.clips.fresh('mp4')
    await ffmpeg(['-f', 'lavfi', '-i', 'mandelbrot=s=320x180:r=30', '-t', '4', ...H264, '-g', '30', path])
    const bytes = await readFile(path)
    for (const line of await ffprobeLines(path, 'packet=pts_time,pos,size', 'v')) {
      const [time, size, position] = line.split(',').map(Number) as [number, number, number]
      if (time >= 2 && time < 2.5) bytes.fill(0, position + Math.ceil(size / 2), position + size)
    }
    await writeFile(path, bytes)
    const missing: MissingContent[] = []
    const recipe = { output: { format: 'mp4' } as const, trims: [{ start: 1, duration: 2 }] }
    await workspace.render(recipe, [path], { onMissing: (found) => missing.push(found) })
    expect(missing).toEqual([{ source: 0, kind: 'video', from: 1, to: 3, distorted: true }])
  })

  test('is concealed at the border of two chunks, too', async () => {
    const recipe = { frame: { width: 64, height: 64 } }
    const { chunks, missing } = await renderDivided(workspace, recipe, [await damaged(3, 5, 8)])
    expect(chunks).toBe(4)
    expect(missing).toMatchObject([
      { source: 0, kind: 'video', from: 3, to: 4 },
      { source: 0, kind: 'video', from: 4, to: 5 },
    ])
  })

  test('of a whole chunk is not', async () => {
    const recipe = { frame: { width: 64, height: 64 } }
    await expect(renderDivided(workspace, recipe, [await damaged(4, 6, 8)])).rejects.toMatchObject({
      code: 'media.damaged',
    })
  })
})

test.each([
  ['encoded', { output: { format: 'mp4', crf: 30 } as const }],
  ['to be copied', { output: { format: 'mkv' } as const }],
])('Matroska with bytes missing in its middle is reported when it is %s', async (_, recipe) => {
  const path = await withHole()
  const missing: MissingContent[] = []
  await workspace.render(recipe, [path], { onMissing: (found) => missing.push(found) })
  expect(rangesOf(missing)).toMatchObject([{ kind: 'audio' }, { kind: 'video' }])
})

/** Matroska of 6 s of which bytes are missing in the middle, and the packets of both streams with them. */
async function withHole(): Promise<string> {
  const options = [...H264, '-g', '15', '-cluster_time_limit', '500']
  const bytes = await readFile(await clip('mkv', { options }))
  const path = workspace.clips.fresh('mkv')
  const [from, to] = [0.35, 0.75].map((share) => Math.floor(bytes.length * share))
  await writeFile(path, Buffer.concat([bytes.subarray(0, from), bytes.subarray(to)]))
  return path
}

/** What the warnings of a source say about its missing content, of audio first: versions of ffmpeg differ in which begins earlier. */
const rangesOf = (missing: MissingContent[]) =>
  (withMissing(aMedium(), missing).warnings ?? [])
    .map(({ message }) => {
      const [, kind = '', from, to] = /^The (\w+) from about ([\d.]+) s to ([\d.]+) s/.exec(message) ?? []
      return { kind, from: Number(from), to: Number(to) }
    })
    .toSorted((a, b) => a.kind.localeCompare(b.kind))

test('the same bytes are reported when work is divided, also at the border of chunks', async () => {
  const path = await withHole()
  const missing: MissingContent[] = []
  await workspace.render({ output: { format: 'mp4', crf: 30 } }, [path], {
    onMissing: (found) => missing.push(found),
  })
  const divided = await renderDivided(workspace, { output: { format: 'mp4' } }, [path])
  expect(divided.chunks).toBeGreaterThan(1)
  const [whole, inChunks] = [rangesOf(missing), rangesOf(divided.missing)]
  expect(inChunks.map(({ kind }) => kind)).toEqual(['audio', 'video'])
  for (const [i, { from, to }] of inChunks.entries()) {
    expect(Math.abs(from - (whole[i]?.from ?? 0))).toBeLessThan(0.2)
    expect(Math.abs(to - (whole[i]?.to ?? 0))).toBeLessThan(0.2)
  }
})

describe('a result that is silent where its source has audio is discarded', () => {
  test.each([['mp4'], ['mkv'], ['ts']])('in %s', async (extension) => {
    const path = await clip(extension)
    const short = await clip(extension, { audio: 3 })
    await expect(rendered(path, undefined, { plan: reading(short) })).rejects.toMatchObject(
      missing(
        /The audio of source 1 from 3.\d\d s to 6.\d\d s is missing at the end of its clip: the output had silence/,
      ),
    )
    await expect(rendered(short, undefined)).resolves.toHaveLength(1)
  })
})

describe('audio that was cut off', () => {
  const cutOff = async (extension: string, options: string[]) => {
    const path = await workspace.clips.generated(extension, [
      '-f',
      'lavfi',
      '-i',
      'anoisesrc=d=6:a=0.3',
      ...options,
    ])
    const bytes = await readFile(path)
    const cut = workspace.clips.fresh(extension)
    await writeFile(cut, bytes.subarray(0, Math.floor(bytes.length * 0.6)))
    return cut
  }

  test.each([
    ['flac', []],
    ['m4a', ['-movflags', '+faststart']],
    ['aiff', []],
    ['mka', ['-c:a', 'libopus']],
  ])('is no silence: %s', async (extension, options) => {
    const output = { format: 'wav' } as const
    await expect(workspace.render({ output }, [await cutOff(extension, options)])).rejects.toMatchObject({
      code: 'media.damaged',
      message: expect.stringMatching(
        /^The audio of source 1 from .* to 6.\d\d s is missing at the end of its clip/,
      ),
    })
  })

  test('is as long as there is of it where every packet stands for itself', async () => {
    const path = await cutOff('mp3', ['-b:a', '128k'])
    const { outputs } = await workspace.render({ output: { format: 'wav' } }, [path])
    expect(Math.abs((outputs[0]?.seconds ?? 0) - 3.6)).toBeLessThan(0.15)
  })
})

test('video with a variable rate that was cut off does not stand still in a result without audio', async () => {
  const vfr = ['-vf', "select='not(mod(n,3))+lt(t,2)'", '-fps_mode', 'vfr', '-g', '15', '-bf', '0']
  const args = [...countingVideo(8), ...H264, ...vfr, '-movflags', '+faststart']
  const bytes = await readFile(await workspace.clips.generated('mp4', args))
  const path = workspace.clips.fresh('mp4')
  await writeFile(path, bytes.subarray(0, Math.floor(bytes.length * 0.6)))
  const recipe = { output: { format: 'mp4', crf: 30 } as const }
  await expect(workspace.render(recipe, [path])).rejects.toMatchObject({
    code: 'media.damaged',
    message: expect.stringMatching(/^The video of source 1 from .* to 7.9\d s is missing at the end/),
  })
})

test('a stretch of a transport stream without audio is silent', async () => {
  const part = (offset: string) =>
    workspace.clips.generated('ts', [
      ...[...countingVideo(2), '-f', 'lavfi', '-i', 'sine=d=2', ...H264, '-output_ts_offset', offset],
    ])
  const path = workspace.clips.fresh('ts')
  await writeFile(path, Buffer.concat([await readFile(await part('0')), await readFile(await part('8'))]))
  await expect(rendered(path, { start: 3, duration: 2 })).resolves.toHaveLength(1)
})
