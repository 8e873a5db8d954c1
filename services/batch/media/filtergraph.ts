import type { VideoInfo } from '#shared/contract/media-info.ts'
import { type Canvas, matrixOf } from './canvas.ts'
import { coverOf, fitInside, type Size } from './geometry.ts'
import { perSecond, rateText } from './rates.ts'

/** All sound is brought to this before it is joined. */
export const SAMPLE_RATE = 48_000

/** A number as ffmpeg reads it: no exponent, microseconds at most. */
export const plain = (value: number): string => String(Number(value.toFixed(6)))

/** One line of a filter graph: inputs, filters in order, outputs. */
export const chain = (from: string[], filters: string[], to: string[]): string =>
  `${from.map((label) => `[${label}]`).join('')}${filters.join(',')}${to.map((label) => `[${label}]`).join('')}`

/** Samples that last as long as these frames. */
export const samplesOf = (frames: number, { rate }: Pick<Canvas, 'rate'>): number =>
  Math.round((frames * SAMPLE_RATE) / perSecond(rate))

const colour = (hex: string) => hex.replace('#', '0x')

/** Bars around a picture that does not fill the canvas. */
const bars = (picture: Size, canvas: Canvas): string[] =>
  picture.width === canvas.width && picture.height === canvas.height
    ? []
    : [`pad=${canvas.width}:${canvas.height}:-1:-1:color=${colour(canvas.background)}`]

/** Scaling (and cropping, and bars) that brings a shown size onto the canvas. */
function placing(shown: Size, canvas: Canvas, colours: string): string[] {
  if (canvas.fit === 'pad') {
    const inside = fitInside(shown, canvas, canvas.upscale)
    return [`scale=${inside.width}:${inside.height}${colours}`, ...bars(inside, canvas)]
  }
  const cover = coverOf(shown, canvas, canvas.upscale)
  const kept = { width: Math.min(cover.width, canvas.width), height: Math.min(cover.height, canvas.height) }
  const overhang = kept.width < cover.width || kept.height < cover.height
  return [
    `scale=${cover.width}:${cover.height}${colours}`,
    ...(overhang ? [`crop=${kept.width}:${kept.height}`] : []),
    ...bars(kept, canvas),
  ]
}

/**
 * Filters that bring a source's picture onto the canvas: exactly `frames` frames of one rate, square pixels.
 * Sizes come from the probe, so that rotation and pixel shape are right; and are fixed, so that a source that
 * changes its size on the way stays in the frame. A picture that ends before its sound holds its last frame,
 * by as much as the probe tells and a little: a source cut off half-way must not pass for whole.
 */
export function sourcePicture(
  video: VideoInfo,
  canvas: Canvas,
  frames: number,
  holdSeconds: number,
): string[] {
  const own = matrixOf(video)
  const colours = `:in_color_matrix=${own}:out_color_matrix=${canvas.matrix}:out_range=tv`
  const shown = { width: video.display_width, height: video.display_height }
  const even = [`fps=${rateText(canvas.rate)}:start_time=0`]
  // Frames that will be dropped are not worth scaling; frames that are doubled are better scaled once.
  const fewer = video.fps > perSecond(canvas.rate)
  return [
    ...(video.interlaced ? ['yadif=deint=interlaced'] : []),
    ...(fewer ? even : []),
    ...placing(shown, canvas, colours),
    'setsar=1',
    ...(fewer ? [] : even),
    'format=yuv420p',
    `tpad=stop_mode=clone:stop_duration=${plain(holdSeconds)}`,
    `trim=end_frame=${frames}`,
  ]
}

/** Filters that bring a source's sound to exactly `samples` samples of stereo; gaps become silence. */
export const sourceSound = (samples: number): string[] => [
  `aresample=${SAMPLE_RATE}:async=1:first_pts=0`,
  'aformat=sample_fmts=fltp:channel_layouts=stereo',
  `apad=whole_len=${samples}`,
  `atrim=end_sample=${samples}`,
]

/** Silence of exactly `samples` samples. */
export const silence = (samples: number): string[] => [
  `anullsrc=r=${SAMPLE_RATE}:cl=stereo`,
  `atrim=end_sample=${samples}`,
  'aformat=sample_fmts=fltp:channel_layouts=stereo',
]

/** Filters that bring a still picture of unknown size onto the canvas, once. */
export const stillPicture = (canvas: Canvas): string[] => [
  `scale=${canvas.width}:${canvas.height}:force_original_aspect_ratio=decrease:force_divisible_by=2` +
    `:out_color_matrix=${canvas.matrix}:out_range=tv`,
  `pad=${canvas.width}:${canvas.height}:-1:-1:color=${colour(canvas.background)}`,
  'setsar=1',
  'format=yuv420p',
]

/** Filters that make one picture last: the same frame, `frames` times, without drawing it again. */
export function held(frames: number, { rate }: Canvas): string[] {
  return [
    ...(frames > 1 ? [`loop=loop=${frames - 1}:size=1:start=0`] : []),
    `settb=${rate.den}/${rate.num}`,
    'setpts=N',
    `fps=${rateText(rate)}`,
  ]
}
