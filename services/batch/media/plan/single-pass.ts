import { formatOf } from '#shared/contract/formats.ts'
import type { Output, Recipe } from '#shared/contract/recipe.ts'
import { CutroomError } from '#shared/errors.ts'
import type { Run, RunOutput } from '../ffmpeg/command-line.ts'
import type { Loudness } from './audio-filters.ts'
import { ANONYMOUS, audioOptions, isStreamable, muxerOptions, videoOptions } from './encoders.ts'
import { chain } from './filter-graph.ts'
import { perSecond, type Rate } from './frame-rate.ts'
import type { Size } from './geometry.ts'
import type { Layout } from './layout.ts'
import { shapeOf } from './output-shape.ts'
import type { Target } from './target.ts'
import { planThumbnails } from './thumbnails.ts'
import { drawTimeline } from './timeline.ts'
import type { Plan, PlannedOutput, PlanOptions } from './types.ts'

type Uncommanded = Omit<Plan, 'runs'> & { runs: Run[] }

/** One run that makes every output of a recipe from one decode. */
export function planSinglePass(
  recipe: Recipe,
  outputs: Output[],
  layout: Layout,
  target: Target,
  options: PlanOptions,
  loudness?: Loudness,
): Uncommanded {
  const drawn = drawTimeline(layout, target, { watermark: recipe.watermark, loudness })
  const ticks = drawn.parts[0] ?? 0
  const seconds = ticks / perSecond(target.rate)
  const thumbnails = target.canvas
    ? planThumbnails(recipe.thumbnails, target.canvas, ticks, options.outputDir)
    : { wanted: [], texts: [] }
  const planned = outputs.map((output, place) => planOutput(output, place, target, seconds, options))
  const files = [...planned.map(({ file }) => file), ...thumbnails.wanted]
  const views = share(
    drawn.video,
    files.map(({ video }) => video),
    'split',
    'x',
  )
  const tracks = share(
    drawn.audio,
    files.map(({ audio }) => audio),
    'asplit',
    'y',
  )
  const run: Run = {
    inputs: layout.inputs,
    graph: [...drawn.chains, ...views.chains, ...tracks.chains].join(';'),
    files: files.map((file, i): RunOutput => {
      const maps = [views.labels[i], tracks.labels[i]].flatMap((label) =>
        label ? ['-map', `[${label}]`] : [],
      )
      return { path: file.path, options: [...maps, ...file.options] }
    }),
    seconds,
  }
  return {
    runs: [run],
    outputs: [
      ...planned.map(({ output }) => output),
      ...thumbnails.wanted.map(({ output }) => output),
      ...thumbnails.texts.map(({ output }) => output),
    ],
    texts: thumbnails.texts.map(({ file }) => file),
    scratch: [],
    copies: false,
  }
}

/** A file that a run writes: the filters between the timeline and it (null: it takes none of that kind). */
export type Wanted = { path: string; video: string[] | null; audio: string[] | null; options: string[] }

/** Hands one label to everyone who wants it, each with filters of its own. */
function share(from: string | null, wanted: (string[] | null)[], splitter: string, name: string) {
  const takers = wanted.filter((filters) => filters !== null).length
  if (from === null || takers === 0) return { chains: [], labels: wanted.map(() => null) }
  if (takers === 1 && wanted.every((filters) => !filters || filters.length === 0))
    return { chains: [], labels: wanted.map((filters) => filters && from) }
  const labels = wanted.map((filters, i) => filters && `${name}${i}`)
  const split = labels.flatMap((label, i) => (label ? [wanted[i]?.length ? `${label}s` : label] : []))
  const own = labels.flatMap((label, i) =>
    label && wanted[i]?.length ? [filtered(`${label}s`, wanted[i], label)] : [],
  )
  return { chains: [chain([from], [`${splitter}=${takers}`], split), ...own], labels }
}

// A palette needs its picture twice, so its filters name their own labels.
const filtered = (from: string, filters: string[], to: string) => chain([from], filters, [to])

function planOutput(output: Output, place: number, target: Target, seconds: number, options: PlanOptions) {
  const { kind, contentType } = formatOf(output.format)
  const { canvas, sound } = target
  const name = `${output.name ?? 'output'}.${output.format}`
  const path = `${options.outputDir}/${name}`
  const shape = kind === 'audio' || !canvas ? null : shapeOf(output, canvas, seconds)
  const audible = kind !== 'silent' && sound !== null
  if (output.format === 'gif' && shape) demandSmallGif(shape, seconds)
  const file: Wanted = {
    path,
    video: shape?.filters(`${place}`) ?? null,
    audio: audible ? [] : null,
    options: [
      ...(shape && canvas && kind === 'video'
        ? videoOptions(output, shape.size, canvas.matrix, options.threads)
        : []),
      ...(audible ? audioOptions(output, sound?.channels) : []),
      ...ANONYMOUS,
      ...['-fs', String(options.limits.outputBytes)],
      ...muxerOptions(output),
    ],
  }
  const planned: PlannedOutput = {
    name,
    path,
    contentType,
    expected: {
      seconds,
      width: shape?.size.width ?? null,
      height: shape?.size.height ?? null,
      fps: shape ? perSecond(shape.rate) : null,
      hasVideo: shape !== null,
      hasAudio: audible,
    },
    streams: isStreamable(output),
  }
  return { file, output: planned }
}

/** All frames of a GIF are held in memory while its palette is chosen. */
const GIF_MAX_BYTES = 1024 ** 3

function demandSmallGif({ size, rate }: { size: Size; rate: Rate }, seconds: number) {
  if (size.width * size.height * 1.5 * perSecond(rate) * seconds > GIF_MAX_BYTES)
    throw new CutroomError(
      'media.impossible',
      'The recipe does not fit: the GIF would be too large. Trim it, or ask for a smaller width or fps.',
    )
}
