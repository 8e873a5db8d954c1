import type { MediaInfo } from '#shared/contract/media-info.ts'
import type { Recipe } from '#shared/contract/recipe.ts'
import { CutroomError } from '#shared/errors.ts'
import { canvasOf } from './canvas.ts'
import { commandLine, type Input, type Run } from './command-line.ts'
import { aac, anonymous, h264 } from './encoders.ts'
import { guardPicture, guardSource, type MediaInput, type MediaLimits } from './media-input.ts'
import { framesIn, perSecond } from './rates.ts'
import { spanOf } from './spans.ts'
import { drawTimeline, type Segment } from './timeline.ts'

/** A source and what its probe said. */
export type ProbedSource = { input: MediaInput; info: MediaInfo }

/** The built-in logo's path, and the pictures of the user's that a recipe names, by upload id. */
export type Assets = { logo: MediaInput; pictures: Record<string, MediaInput> }

/** Threads for each encoder (0: it chooses), where outputs go, and the bounds of what is decoded. */
export type PlanOptions = { threads: number; outputDir: string; limits: MediaLimits }

/** What an output must turn out to be. Seconds, pixels, frames per second. */
export type Expected = {
  seconds: number
  width: number | null
  height: number | null
  fps: number | null
  hasVideo: boolean
  hasAudio: boolean
}

export type PlannedOutput = { name: string; path: string; contentType: string; expected: Expected }

/** Everything ffmpeg will do for a recipe, and what must come out of it. Nothing has happened yet. */
export type Plan = { runs: (Run & { args: string[] })[]; outputs: PlannedOutput[] }

/**
 * Works out the ffmpeg runs of a recipe: every source decoded once, every frame encoded once.
 * Throws `media.impossible` when the recipe does not fit what the sources are.
 */
export function planEdit(
  recipe: Recipe,
  sources: ProbedSource[],
  assets: Assets,
  options: PlanOptions,
): Plan {
  const pictures = sources.map(pictureOf)
  const canvas = canvasOf(recipe, pictures[0] ?? missing('the recipe has no source'))
  const spans = sources.map(({ info }, place) => spanOf(recipe.sources[place]?.trim, info, place))
  const inputs: Input[] = sources.map(({ input }, place) => ({
    source: input.url,
    options: [...guardSource(input, options.limits), ...seeking(spans[place])],
  }))
  const segments: Segment[] = sources.map(({ info }, place) => ({
    kind: 'source',
    input: place,
    info,
    span: spans[place] ?? missing('a source without a span'),
    frames: framesIn(spans[place]?.seconds ?? 0, canvas.rate),
  }))
  const bumper = (clip: NonNullable<Recipe['bumper']>['intro']): Segment[] => {
    if (!clip) return []
    const input = clip.image ? assets.pictures[clip.image.upload_id] : assets.logo
    if (!input) throw new CutroomError('upload.not_found', 'A picture that the recipe names is not there.')
    return [
      {
        kind: 'still',
        input: addPicture(inputs, input, options),
        frames: framesIn(clip.seconds, canvas.rate),
      },
    ]
  }
  const timeline = [...bumper(recipe.bumper?.intro), ...segments, ...bumper(recipe.bumper?.outro)]
  const frames = timeline.reduce((sum, segment) => sum + segment.frames, 0)
  const seconds = frames / perSecond(canvas.rate)
  const path = `${options.outputDir}/output.mp4`
  const run: Run = {
    inputs,
    graph: drawTimeline(timeline, canvas).join(';'),
    files: [
      {
        path,
        options: [
          ...['-map', '[v]', '-map', '[a]', ...h264(canvas), ...aac, ...anonymous],
          ...(options.threads > 0 ? ['-threads', String(options.threads)] : []),
          ...['-movflags', '+faststart', '-fs', String(options.limits.outputBytes), '-f', 'mp4'],
        ],
      },
    ],
    seconds,
  }
  const expected: Expected = {
    seconds,
    width: canvas.width,
    height: canvas.height,
    fps: perSecond(canvas.rate),
    hasVideo: true,
    hasAudio: true,
  }
  return {
    runs: [{ ...run, args: commandLine(run) }],
    outputs: [{ name: 'output.mp4', path, contentType: 'video/mp4', expected }],
  }
}

/** The input's number of a still picture; one that is there already is used again. */
function addPicture(inputs: Input[], picture: MediaInput, { limits }: PlanOptions): number {
  const known = inputs.findIndex(({ source }) => source === picture.url)
  if (known >= 0) return known
  return inputs.push({ source: picture.url, options: guardPicture(picture, limits) }) - 1
}

// Before -i: the demuxer jumps there and reads no further than it must.
const seeking = (span?: { start: number; seconds: number; whole: boolean }): string[] => [
  ...(span && span.start > 0 ? ['-ss', String(span.start)] : []),
  ...(span && !span.whole ? ['-t', String(span.seconds)] : []),
]

function pictureOf({ info }: ProbedSource, place: number) {
  if (info.video) return info.video
  throw new CutroomError(
    'media.impossible',
    `The recipe does not fit: source ${place + 1} has sound and no picture. Ask for a sound format instead.`,
  )
}

function missing(what: string): never {
  throw new Error(`A plan was asked for that cannot be: ${what}.`)
}
