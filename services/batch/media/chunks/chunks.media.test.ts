import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { Recipe } from '#shared/contract/recipe.ts'
import { silentLogger } from '#shared/observability/logger.ts'
import { commandLine } from '../ffmpeg/command-line.ts'
import { toRun } from '../plan/arguments.ts'
import { chooseRanges, gridOf } from '../plan/chunks/choose-ranges.ts'
import { planChunk } from '../plan/chunks/plan-chunk.ts'
import { sliceTimeline, videoOnly } from '../plan/chunks/slice-timeline.ts'
import { planEncode } from '../plan/encode.ts'
import type { PlannedRun } from '../plan/types.ts'
import { fileInput } from '../probe/media-input.ts'
import { createProbe } from '../probe/probe.ts'
import { createKeyFrameFinder } from '../probe/times/find-key-frame.ts'
import { someLimits } from '../testing/fixtures.ts'
import { anUpload, type MediaWorkspace, openMediaWorkspace } from '../testing/media-workspace.ts'
import { findEntries } from './find-entries.ts'
import { contextOf, timelineOf } from './task-plan.ts'
import type { ExpandedTask } from './types.ts'

const run = promisify(execFile)

let workspace: MediaWorkspace
beforeAll(async () => {
  workspace = await openMediaWorkspace()
})
afterAll(() => workspace.clips.remove())

const guard = { memoryBytes: 4 * 1024 ** 3, niceness: 0 }
const ffprobe = { ffprobe: 'ffprobe', limits: someLimits, guard, deadlineMs: 60_000 }
const probe = createProbe({ ...ffprobe, measureDeadlineMs: 60_000, log: silentLogger })
const findKeyFrame = createKeyFrameFinder(ffprobe)
const { signal } = new AbortController()

/** The checksums of the frames that the first file of a run is made of. */
async function filteredFrames({ inputs, graph, files }: PlannedRun): Promise<string[]> {
  const { files: written } = toRun({ inputs, graph, files, seconds: 1 })
  const maps = written[0]?.options ?? []
  const unused = written.filter(({ path }) => path === '-').flatMap(({ path, options }) => [...options, path])
  const { stdout } = await run('ffmpeg', [
    ...commandLine({ inputs, graph: '', files: [], seconds: 1 }),
    ...['-filter_complex', graph, '-map', String(maps[1]), '-fps_mode', 'passthrough', '-f', 'framemd5', '-'],
    ...unused,
  ])
  return stdout
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => line.split(',').at(-1)?.trim() ?? '')
}

function found<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('not found')
  return value
}

async function compare(
  more: object,
  paths: string[],
  trims: object[] = [],
  size = { ticks: 30, minTicks: 8, keyTicks: [] },
) {
  const sources = paths.map((_, i) => ({ ...anUpload(99), ...(trims[i] ? { trim: trims[i] } : {}) }))
  const recipe = Recipe.parse({
    audio: 'mute',
    output: { format: 'mp4', quality: 'draft' },
    ...more,
    sources,
  })
  const image = fileInput(fileURLToPath(new URL('../assets/logo.png', import.meta.url)))
  const images = { [anUpload(0).upload_id]: image }
  const files = { sources: paths.map(fileInput), images, clips: {} }
  const probes = await Promise.all(files.sources.map((input) => probe(input, signal)))
  const task: ExpandedTask = {
    recipe,
    plan: { sources: probes, clips: {}, versions: [], canConvertColours: true, threads: 1, ranges: [] },
  }
  const context = contextOf(task, files, { limits: someLimits }, '/nonexistent')
  const keyFrames = await Promise.all(
    files.sources.map((input, i) =>
      findKeyFrame(input, found(probes[i]), recipe.sources[i]?.trim?.start ?? 0, signal),
    ),
  )
  const plan = planEncode({
    ...context,
    sources: context.sources.map((source, i) => ({ ...source, keyFrame: keyFrames[i] })),
  })
  const whole = timelineOf(context)
  const grid = gridOf(whole.target.rate, [])
  const ranges = chooseRanges(whole, { ...size, grid })
  const chunks: string[] = []
  for (const range of ranges) {
    const sliced = videoOnly(sliceTimeline(whole, range))
    const slice = await findEntries(
      sliced,
      (clip) => found(probes.find(({ info }) => info === clip.info)),
      findKeyFrame,
      signal,
    )
    chunks.push(...(await filteredFrames(found(planChunk(context, whole, slice, range).plan.runs[0]))))
  }
  const expected = await filteredFrames(found(plan.runs[0]))
  return { ranges: ranges.length, chunks, expected }
}

const GOP = ['-c:v', 'libx264', '-g', '25', '-preset', 'ultrafast', '-bf', '2', '-pix_fmt', 'yuv420p']

describe('the frames of all chunks in order are those of one run', () => {
  const frame = { frame: { width: 64, height: 64 } }
  type Case = [string, object, (clip: MediaWorkspace['clips']['clip']) => Promise<string>[], object[]?]
  const cases: Case[] = [
    ['24 fps', frame, (clip) => [clip({ seconds: 5, options: GOP })]],
    ['23.976 fps', frame, (clip) => [clip({ seconds: 5, fps: '24000/1001', options: GOP })]],
    [
      '50 fps in Matroska to 25',
      { ...frame, output: { format: 'mp4', fps: 25 } },
      (clip) => [clip({ seconds: 4, fps: 50, extension: 'mkv', options: GOP })],
    ],
    [
      '60 fps in Matroska to 29.97',
      { ...frame, output: { format: 'mp4', fps: 29.97 } },
      (clip) => [clip({ seconds: 4, fps: 60, extension: 'mkv', options: GOP })],
    ],
    [
      'a rate that never takes whole milliseconds',
      frame,
      (clip) => [clip({ seconds: 5, fps: '23987/1000', options: GOP })],
    ],
    [
      '12 fps to 24',
      { ...frame, output: { format: 'mp4', fps: 24 } },
      (clip) => [clip({ seconds: 5, fps: 12, options: GOP })],
    ],
    ['a trim', frame, (clip) => [clip({ seconds: 6, options: GOP })], [{ start: 0.777, duration: 4.5 }]],
    [
      'a trim of a transport stream',
      frame,
      (clip) => [clip({ seconds: 6, extension: 'ts', options: GOP })],
      [{ start: 1.3, duration: 4 }],
    ],
    [
      'uneven frames',
      frame,
      (clip) => [
        clip({
          seconds: 6,
          fps: 30,
          options: [...GOP, '-vf', "select='lt(mod(n,45),20)+eq(mod(n,7),0)'", '-fps_mode', 'vfr'],
        }),
      ],
    ],
    [
      'video that stands still at its end',
      frame,
      (clip) => [clip({ seconds: 6, options: [...GOP, '-vf', "select='lt(t,2)'", '-fps_mode', 'vfr'] })],
    ],
    [
      'interlaced video',
      frame,
      (clip) => [
        clip({
          seconds: 4,
          fps: 25,
          options: [...GOP, '-flags', '+ilme+ildct', '-vf', 'setfield=tff', '-x264opts', 'tff=1'],
        }),
      ],
    ],
    [
      'a blurred background and a watermark',
      { frame: { width: 64, height: 96, background: 'blur' }, watermark: { image: anUpload(0), margin: 2 } },
      (clip) => [clip({ seconds: 4, options: GOP })],
    ],
    [
      'bumpers, and three sources of other rates',
      { ...frame, bumper: { intro: { seconds: 0.7 }, outro: { seconds: 1 } } },
      (clip) => [
        clip({ seconds: 3, options: GOP }),
        clip({ seconds: 2, fps: 30, size: '64x96', options: GOP }),
        clip({ seconds: 3, fps: 25, extension: 'ts', options: GOP }),
      ],
      [{}, {}, { start: 0.5, duration: 2 }],
    ],
    [
      'parts with bumpers',
      { ...frame, bumper: { intro: { seconds: 0.5 } }, split: { every: 2 } },
      (clip) => [clip({ seconds: 7, options: GOP })],
    ],
    [
      'short parts',
      { ...frame, bumper: { outro: { seconds: 0.5 } }, split: { every: 1 } },
      (clip) => [clip({ seconds: 5, options: GOP })],
    ],
  ]
  // One argument: jest takes a fourth that a case leaves out for a callback.
  test.each(cases.map((row) => ({ title: row[0], row })))(
    '$title',
    async ({ row: [, more, paths, trims] }) => {
      const { ranges, chunks, expected } = await compare(
        more,
        await Promise.all(paths(workspace.clips.clip)),
        trims,
      )
      expect(ranges).toBeGreaterThan(1)
      expect(chunks).toEqual(expected)
    },
  )
})
