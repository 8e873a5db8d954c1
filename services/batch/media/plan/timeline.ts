import type { MediaInfo } from '#shared/contract/media-info.ts'
import type { Recipe, Trim, Watermark } from '#shared/contract/recipe.ts'
import { CutroomError } from '#shared/errors.ts'
import type { MediaInput } from '../probe/media-input.ts'
import type { Loudness } from '../probe/parse-loudness.ts'
import { framesIn, perSecond, type Rate } from './frame-rate.ts'
import type { DecodedAudio, PlanContext, ProbedSource, SoughtSource, Target, TrimRange } from './types.ts'

/**
 * A trimmed source on the timeline, `ticks` long. `source`: its index among the recipe's sources, null for a bumper clip. `input`:
 * the index of its input; `decodedInput`: of its audio's, when that was decoded ahead.
 */
export type SourceClip = SoughtSource & {
  kind: 'source'
  source: number | null
  input: number
  decodedInput?: number | undefined
  ticks: number
  loudness?: Loudness | undefined
}

/** An image on the timeline, `ticks` long, on the canvas's background unless it names its own. */
export type StillClip = { kind: 'still'; input: number; ticks: number; background?: string }

export type Clip = SourceClip | StillClip

/** A file that the run opens: a source from a range on, decoded audio from a second on, or an image. */
export type TimelineInput =
  | ({
      kind: 'source'
      file: MediaInput
      decodedAudio?: DecodedAudio | undefined
      bumper?: true
    } & SoughtSource)
  | { kind: 'audio'; file: MediaInput; skip: number }
  | { kind: 'image'; file: MediaInput }

/** What a result shows when, and the files that it comes from. Inputs and filter graph are built from this alone. */
export type Timeline = {
  target: Target
  inputs: TimelineInput[]
  content: SourceClip[]
  intro: Clip | null
  outro: Clip | null
  watermark: (Watermark & { input: number }) | null
  loudness: Loudness | undefined
  /** Ticks of content in each part; one part unless the recipe splits. */
  cuts: number[]
  /** Ticks of each part, bumpers included. */
  parts: number[]
}

/** Seconds of a whole result, all parts together. */
export const secondsOf = ({ parts, target }: Timeline): number => sum(parts) / perSecond(target.rate)

/** The background of the built-in logo. */
const LOGO_BACKGROUND = '#14161c'

/**
 * Lays the sources, bumpers and watermark of a recipe out in time.
 * @throws CutroomError `media.impossible` when a trim or bumper does not fit, `upload.not_found` for a missing asset.
 */
export function layOutTimeline(context: PlanContext, target: Target): Timeline {
  const { recipe, sources, assets } = context
  const inputs: TimelineInput[] = []
  const addDecoded = ({ file, from }: DecodedAudio, { start }: TrimRange): number =>
    inputs.push({ kind: 'audio', file, skip: start - from }) - 1
  const addSource = (source: ProbedSource, range: TrimRange, index: number | null): SourceClip => {
    const { input: file, info, times, keyFrame, loudness } = source
    const role = index === null ? { bumper: true as const } : {}
    const decodedAudio = target.audio ? source.decodedAudio : undefined
    const decodedInput = decodedAudio && addDecoded(decodedAudio, range)
    const sought = { info, range, times, keyFrame }
    const input =
      decodedInput !== undefined && !target.canvas
        ? decodedInput
        : inputs.push({ kind: 'source', file, decodedAudio, ...role, ...sought }) - 1
    const ticks = framesIn(range.seconds, target.rate)
    return { kind: 'source', source: index, input, decodedInput, ...sought, loudness, ticks }
  }
  const addImage = (file: MediaInput): number => {
    const known = inputs.findIndex((input) => input.file.url === file.url)
    return known >= 0 ? known : inputs.push({ kind: 'image', file }) - 1
  }
  const addBumper = (bumper: NonNullable<Recipe['bumper']>['intro']): Clip | null => {
    if (!bumper || !target.canvas) return null
    const { seconds, image, clip } = bumper
    if (clip) {
      const asset = requireVideo(found(assets.clips?.[clip.upload_id]))
      const range = trimRange({ start: 0, duration: seconds, at_most: true }, asset.info, 0)
      return addSource(asset, range, null)
    }
    const ticks = framesIn(seconds, target.rate)
    if (image) return { kind: 'still', input: addImage(found(assets.images[image.upload_id])), ticks }
    return { kind: 'still', input: addImage(assets.logo), ticks, background: LOGO_BACKGROUND }
  }
  const content = sources.map((source, index) =>
    addSource(
      source,
      trimRange(recipe.sources[index]?.trim, source.info, index, recipe.clips && 'clip'),
      index,
    ),
  )
  const intro = addBumper(recipe.bumper?.intro)
  const outro = addBumper(recipe.bumper?.outro)
  const watermark = recipe.watermark
    ? { ...recipe.watermark, input: addImage(found(assets.images[recipe.watermark.image.upload_id])) }
    : null
  const ticks = content.map((clip) => clip.ticks)
  const cuts = recipe.clips ? ticks : splitContent(sum(ticks), recipe.split, target.rate)
  const around = (intro?.ticks ?? 0) + (outro?.ticks ?? 0)
  const parts = cuts.map((ticks) => ticks + around)
  return { target, inputs, content, intro, outro, watermark, loudness: context.loudness, cuts, parts }
}

/**
 * Ticks of each part of content of this length.
 * @throws CutroomError `media.impossible` when a cut would be at or behind its end, or two at the same frame.
 */
function splitContent(length: number, split: Recipe['split'], rate: Rate): number[] {
  if (!split?.at) return cutLengths(length, split?.every && framesIn(split.every, rate))
  const borders = [0, ...split.at.map((seconds) => framesIn(seconds, rate)), length]
  const lengths = borders.slice(1).map((border, i) => border - (borders[i] ?? 0))
  const tooShort = lengths.findIndex((ticks) => ticks < 1)
  if (tooShort < 0) return lengths
  const at = split.at[Math.min(tooShort, split.at.length - 1)] ?? 0
  throw impossible(
    `it is cut at ${at} s, ` +
      (tooShort === split.at.length
        ? `and they are ${rounded(length / perSecond(rate))} s long. Choose earlier cuts`
        : 'which is the same frame as the cut before. Choose cuts that are further apart'),
  )
}

/** Ticks of each part: whole parts, and what is left over. */
export function cutLengths(length: number, partTicks: number | undefined): number[] {
  if (!partTicks || partTicks >= length) return [length]
  const whole = Math.floor(length / partTicks)
  const rest = length - whole * partTicks
  return [...Array<number>(whole).fill(partTicks), ...(rest > 0 ? [rest] : [])]
}

const sum = (numbers: number[]) => numbers.reduce((total, each) => total + each, 0)

function found<T>(asset: T | undefined): T {
  if (asset !== undefined) return asset
  throw new CutroomError(
    'upload.not_found',
    'An image or clip that the recipe names was not found; upload it again.',
  )
}

function requireVideo(clip: ProbedSource): ProbedSource {
  if (clip.info.video) return clip
  throw impossible('a bumper clip has no video. Choose another clip, or an image')
}

/** Containers round durations to their own time base; a trim may run past the end by this much. */
const TRIM_TOLERANCE_S = 0.05
/** Or by a frame, unless that stands for longer than this. */
const MAX_TRIM_TOLERANCE_S = 0.1

/**
 * The seconds that a trim keeps of a source, or a clip shows of it. Trims with `at_most` take what there is.
 * @throws CutroomError `media.impossible` when the trim starts behind the source's end, or runs past it.
 */
export function trimRange(
  trim: Trim | undefined,
  info: MediaInfo,
  index: number,
  kind: 'source' | 'clip' = 'source',
): TrimRange {
  const { start = 0, duration, at_most: atMost = false } = trim ?? {}
  const left = info.duration - start
  const frame = info.video?.fps ? 1 / info.video.fps : 0
  const tolerance = Math.min(MAX_TRIM_TOLERANCE_S, Math.max(TRIM_TOLERANCE_S, frame))
  const refuse = (why: string) => {
    const [subject, range] =
      kind === 'clip' ? ['the source', `clip ${index + 1}`] : [`source ${index + 1}`, 'its trim']
    const wanted = kind === 'clip' ? 'clips' : 'a trim'
    return impossible(
      `${subject} ends at ${rounded(info.duration)} s, and ${range} ${why}. Choose ${wanted} inside the source`,
    )
  }
  if (left <= 0) throw refuse(`starts at ${start} s`)
  if (duration === undefined || (atMost && duration >= left)) {
    return { start, seconds: left, whole: start === 0 }
  }
  if (duration > left + tolerance) {
    throw refuse(`runs to ${rounded(start + duration)} s`)
  }
  return { start, seconds: Math.min(duration, left), whole: start === 0 && duration >= left }
}

const rounded = (seconds: number) => String(Math.round(seconds * 1000) / 1000)

const impossible = (why: string) =>
  new CutroomError('media.impossible', `The recipe does not fit its sources: ${why}.`)
