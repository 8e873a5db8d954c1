import type { MediaInfo, VideoInfo } from '#shared/contract/media-info.ts'
import type { Recipe } from '#shared/contract/recipe.ts'
import { CutroomError } from '#shared/errors.ts'
import type { Input } from '../ffmpeg/command-line.ts'
import { guardImage, guardSource, type MediaInput, type MediaLimits } from '../probe/media-input.ts'
import type { Loudness } from './audio-filters.ts'
import { framesIn } from './frame-rate.ts'
import { growthInside, growthOver } from './geometry.ts'
import type { Canvas, Target } from './target.ts'
import { type TrimRange, trimRange } from './trim-range.ts'

/** A source and what its probe said; of a bumper clip also how loud it is, where it is to be made as loud as the rest. */
export type ProbedSource = { input: MediaInput; info: MediaInfo; loudness?: Loudness | undefined }

/** The built-in logo, and what the user brought beside the sources, by upload id. */
export type Assets = {
  logo: MediaInput
  images: Record<string, MediaInput>
  clips?: Record<string, ProbedSource>
}

/** A stretch of the result, `ticks` long. `input` is the number of the input it comes from. */
export type Clip =
  | {
      kind: 'source'
      input: number
      ticks: number
      info: MediaInfo
      span: TrimRange
      loudness?: Loudness | undefined
    }
  | { kind: 'still'; input: number; ticks: number; background?: string }

/** The inputs of a run, and what becomes of each. */
export type Layout = {
  inputs: Input[]
  content: Clip[]
  intro?: Clip | undefined
  outro?: Clip | undefined
  watermark?: number | undefined
}

/** What surrounds the built-in logo. */
const LOGO_BACKGROUND = '#14161c'

/** Gives each source, bumper and picture of a recipe its input and its length. Throws `media.impossible`. */
export function layOut(
  recipe: Recipe,
  sources: ProbedSource[],
  assets: Assets,
  target: Target,
  limits: MediaLimits,
): Layout {
  const inputs: Input[] = []
  const addSource = ({ input, info, loudness }: ProbedSource, span: TrimRange): Clip => {
    const options = [...guardSource(input, limits), ...decodingOf(info, target.canvas), ...seeking(span)]
    const place = inputs.push({ source: input.url, options }) - 1
    return { kind: 'source', input: place, info, span, loudness, ticks: framesIn(span.seconds, target.rate) }
  }
  const addPicture = (picture: MediaInput): number => {
    const known = inputs.findIndex(({ source }) => source === picture.url)
    return known >= 0
      ? known
      : inputs.push({ source: picture.url, options: guardImage(picture, limits), image: true }) - 1
  }
  const content = sources.map((source, place) =>
    addSource(source, trimRange(recipe.sources[place]?.trim, source.info, place)),
  )
  const bumper = (clip: NonNullable<Recipe['bumper']>['intro']): Clip | undefined => {
    if (!clip || !target.canvas) return undefined
    if (clip.clip) {
      const own = found(assets.clips?.[clip.clip.upload_id])
      if (!own.info.video)
        throw new CutroomError('media.impossible', 'The recipe does not fit: a bumper clip has no picture.')
      return addSource(own, trimRange({ start: 0, duration: clip.seconds, at_most: true }, own.info, 0))
    }
    const ticks = framesIn(clip.seconds, target.rate)
    if (!clip.image)
      return { kind: 'still', input: addPicture(assets.logo), ticks, background: LOGO_BACKGROUND }
    return { kind: 'still', input: addPicture(found(assets.images[clip.image.upload_id])), ticks }
  }
  return {
    inputs,
    content,
    intro: bumper(recipe.bumper?.intro),
    outro: bumper(recipe.bumper?.outro),
    watermark: recipe.watermark && addPicture(found(assets.images[recipe.watermark.image.upload_id])),
  }
}

function found<T>(asset: T | undefined): T {
  if (asset !== undefined) return asset
  throw new CutroomError(
    'upload.not_found',
    'An upload that the recipe names beside its sources is not there.',
  )
}

// Before -i: the demuxer jumps there and reads no further than it must.
const seeking = ({ start, seconds, whole }: TrimRange): string[] => [
  ...(start > 0 ? ['-ss', String(start)] : []),
  ...(whole ? [] : ['-t', String(seconds)]),
]

// ffmpeg's own decoders of VP8 and VP9 leave the transparency out.
const WITH_ALPHA: Record<string, string> = { vp8: 'libvpx', vp9: 'libvpx-vp9' }

function decodingOf({ video }: MediaInfo, canvas: Canvas | null): string[] {
  const decoder = video?.alpha ? WITH_ALPHA[video.codec] : undefined
  return [
    '-noautorotate',
    // When a picture changes its size on the way, ffmpeg would begin the whole graph anew, intro and all. The
    // scaler that comes first takes any size; the deinterlacer before it does not.
    ...(video && !video.interlaced ? ['-reinit_filter:v', '0'] : []),
    // Frames that no other is made from need not be deblocked to be made small: H.264 of 1080p is decoded to 360p
    // with 5 % less CPU, at an SSIM of 0.99074 for 0.99076. Leaving it out for all frames would cost 0.001.
    ...(video && canvas && isHalved(video, canvas) ? ['-skip_loop_filter', 'noref'] : []),
    ...(decoder ? ['-c:v', decoder] : []),
  ]
}

/** True when a picture is drawn at half its size or smaller. */
function isHalved({ display_width, display_height }: VideoInfo, canvas: Canvas): boolean {
  const growth = canvas.fit === 'pad' ? growthInside : growthOver
  return growth({ width: display_width, height: display_height }, canvas) <= 0.5
}
