import type { MediaInfo, VideoInfo } from '#shared/contract/media-info.ts'
import type { Recipe, Watermark } from '#shared/contract/recipe.ts'
import { CutroomError } from '#shared/errors.ts'
import type { Input } from '../ffmpeg/command-line.ts'
import { guardImage, guardSource, type MediaInput } from '../probe/media-input.ts'
import type { Loudness } from '../probe/parse-loudness.ts'
import { framesIn, perSecond } from './frame-rate.ts'
import { growthInside, growthOver } from './geometry.ts'
import { type TrimRange, trimRange } from './trim-range.ts'
import type { Canvas, PlanContext, ProbedSource, Target } from './types.ts'

/** A trimmed source on the timeline, `ticks` long. `input`: the index of its input. */
export type SourceClip = {
  kind: 'source'
  input: number
  ticks: number
  info: MediaInfo
  range: TrimRange
  loudness?: Loudness | undefined
}

/** An image on the timeline, `ticks` long, on the canvas's background unless it names its own. */
export type StillClip = { kind: 'still'; input: number; ticks: number; background?: string }

export type Clip = SourceClip | StillClip

/** What a result shows when, and the inputs that it comes from. The filter graph is built from this alone. */
export type Timeline = {
  target: Target
  inputs: Input[]
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
export const secondsOf = ({ parts, target }: Pick<Timeline, 'parts' | 'target'>): number =>
  sum(parts) / perSecond(target.rate)

/** The background of the built-in logo. */
const LOGO_BACKGROUND = '#14161c'

/**
 * Lays the sources, bumpers and watermark of a recipe out in time, and gives each its input.
 * @throws CutroomError `media.impossible` when a trim or bumper does not fit, `upload.not_found` for a missing asset.
 */
export function layOutTimeline(
  { recipe, sources, assets, limits, loudness }: PlanContext,
  target: Target,
): Timeline {
  const inputs: Input[] = []
  const addSource = ({ input, info, loudness }: ProbedSource, range: TrimRange): SourceClip => {
    const options = [
      ...guardSource(input, limits),
      ...decoderOptions(info, target.canvas),
      ...seekOptions(range),
    ]
    const index = inputs.push({ source: input.url, options }) - 1
    return {
      kind: 'source',
      input: index,
      info,
      range,
      loudness,
      ticks: framesIn(range.seconds, target.rate),
    }
  }
  const addImage = (image: MediaInput): number => {
    const known = inputs.findIndex(({ source }) => source === image.url)
    if (known >= 0) return known
    return inputs.push({ source: image.url, options: guardImage(image, limits), image: true }) - 1
  }
  const addBumper = (bumper: NonNullable<Recipe['bumper']>['intro']): Clip | null => {
    if (!bumper || !target.canvas) return null
    const { seconds, image, clip } = bumper
    if (clip) {
      const asset = found(assets.clips?.[clip.upload_id])
      return addSource(
        requireVideo(asset),
        trimRange({ start: 0, duration: seconds, at_most: true }, asset.info, 0),
      )
    }
    const ticks = framesIn(seconds, target.rate)
    return image
      ? { kind: 'still', input: addImage(found(assets.images[image.upload_id])), ticks }
      : { kind: 'still', input: addImage(assets.logo), ticks, background: LOGO_BACKGROUND }
  }
  const content = sources.map((source, index) =>
    addSource(source, trimRange(recipe.sources[index]?.trim, source.info, index)),
  )
  const intro = addBumper(recipe.bumper?.intro)
  const outro = addBumper(recipe.bumper?.outro)
  const watermark = recipe.watermark
    ? { ...recipe.watermark, input: addImage(found(assets.images[recipe.watermark.image.upload_id])) }
    : null
  const ticks = content.map((clip) => clip.ticks)
  const cuts = cutLengths(sum(ticks), recipe.split && framesIn(recipe.split.every, target.rate))
  const around = (intro?.ticks ?? 0) + (outro?.ticks ?? 0)
  const parts = cuts.map((ticks) => ticks + around)
  return { target, inputs, content, intro, outro, watermark, loudness, cuts, parts }
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
  throw new CutroomError(
    'media.impossible',
    'The recipe does not fit its sources: a bumper clip has no video. Choose another clip, or an image.',
  )
}

// Before -i: the demuxer seeks there and reads no further than it must.
const seekOptions = ({ start, seconds, whole }: TrimRange): string[] => [
  ...(start > 0 ? ['-ss', String(start)] : []),
  ...(whole ? [] : ['-t', String(seconds)]),
]

// ffmpeg's own decoders of VP8 and VP9 ignore the alpha channel.
const ALPHA_DECODERS: Record<string, string> = { vp8: 'libvpx', vp9: 'libvpx-vp9' }

function decoderOptions({ video }: MediaInfo, canvas: Canvas | null): string[] {
  const decoder = video?.alpha ? ALPHA_DECODERS[video.codec] : undefined
  return [
    '-noautorotate',
    // When video changes its size on the way, ffmpeg would start the whole graph anew, intro and all. The scaler that
    // comes first takes any size; the deinterlacer before it does not.
    ...(video && !video.interlaced ? ['-reinit_filter:v', '0'] : []),
    // Frames that no other refers to need no deblocking before they are scaled down: H.264 of 1080p is decoded to 360p
    // with 5 % less CPU, at an SSIM of 0.99074 for 0.99076. Skipping it for all frames would cost 0.001.
    ...(video && canvas && isHalved(video, canvas) ? ['-skip_loop_filter', 'noref'] : []),
    ...(decoder ? ['-c:v', decoder] : []),
  ]
}

/** True when video is shown at half its size or smaller. */
function isHalved({ display_width, display_height }: VideoInfo, canvas: Canvas): boolean {
  const growth = canvas.fit === 'pad' ? growthInside : growthOver
  return growth({ width: display_width, height: display_height }, canvas) <= 0.5
}
