import type { VideoInfo } from '#shared/contract/media-info.ts'
import { orientationFilters, swapsSides } from '../probe/orientation.ts'
import { chain, colour, plain } from './filter-graph.ts'
import { perSecond, rateText } from './frame-rate.ts'
import { coverOf, evenSize, fitInside, type Size } from './geometry.ts'
import { type Canvas, matrixOf } from './target.ts'

const CENTRED = 'overlay=(W-w)/2:(H-h)/2:format=yuv420'

/**
 * Chains that bring a source's picture onto the canvas: exactly `frames` frames of one rate, square pixels.
 * Sizes come from the probe, so that rotation and pixel shape are right; and are fixed, so that a source that
 * changes its size on the way stays in the frame. A picture that ends before its sound holds its last frame,
 * for `holdSeconds` at most: a source cut off half-way must not pass for whole.
 */
export function drawSourcePicture(
  from: string,
  to: string,
  video: VideoInfo,
  canvas: Canvas,
  frames: number,
  holdSeconds: number,
): string[] {
  const { size, filters } = placing(video, canvas)
  const even = [`fps=${rateText(canvas.rate)}:start_time=0`]
  const hold = [`tpad=stop_mode=clone:stop_duration=${plain(holdSeconds)}`, `trim=end_frame=${frames}`]
  const first = video.interlaced ? ['yadif=deint=interlaced'] : []
  const kind = backdropOf(video, canvas, size)
  if (kind === 'none') {
    // Frames that will be dropped are not worth scaling; frames that are doubled are better scaled once.
    const fewer = video.fps > perSecond(canvas.rate)
    const before = [...first, ...(fewer ? even : []), ...filters, ...bars(size, canvas), 'setsar=1']
    return [chain([from], [...before, ...(fewer ? [] : even), 'format=yuv420p', ...hold], [to])]
  }
  const front = `${to}f`
  const back = `${to}b`
  const placed = [...filters, 'setsar=1', ...(video.alpha ? ['format=yuva420p'] : [])]
  const laid = chain([back, front], [CENTRED, 'setsar=1', 'format=yuv420p', ...hold], [to])
  if (kind === 'colour')
    return [
      backdrop(canvas, back),
      chain([from], [...first, ...even, ...placed], [front]),
      laid.replace(CENTRED, `${CENTRED}:shortest=1`),
    ]
  return [
    chain([from], [...first, ...even, 'split'], [`${to}x`, `${to}y`]),
    chain([`${to}x`], blurred(video, canvas), [back]),
    chain([`${to}y`], placed, [front]),
    laid,
  ]
}

/** What stands behind a picture: nothing to speak of, a plain colour, or the picture itself, blurred. */
function backdropOf(video: VideoInfo, canvas: Canvas, size: Size): 'none' | 'colour' | 'blur' {
  const filled = size.width === canvas.width && size.height === canvas.height
  if (canvas.background === 'blur') return filled && !video.alpha ? 'none' : video.alpha ? 'colour' : 'blur'
  if (video.alpha) return 'colour'
  return filled || barsAreExact(canvas) ? 'none' : 'colour'
}

// The pad filter knows the older matrix alone: other colours than grey would come out shifted in HD.
const barsAreExact = ({ background, matrix }: Canvas) =>
  matrix === 'bt601' || /^#(..)\1\1$/.test(background.toLowerCase())

const plainColour = ({ background }: Canvas) => (background === 'blur' ? '#000000' : background)

/** A canvas of one colour, without end. */
const backdrop = (canvas: Canvas, to: string) =>
  chain(
    [],
    [
      `color=c=${colour(plainColour(canvas))}:s=${canvas.width}x${canvas.height}:r=${rateText(canvas.rate)}`,
      'format=gbrp',
      `scale=out_color_matrix=${canvas.matrix}:out_range=tv`,
      'format=yuv420p',
    ],
    [to],
  )

/** Bars around a picture that does not fill the canvas. */
const bars = (picture: Size, canvas: Canvas): string[] =>
  picture.width === canvas.width && picture.height === canvas.height
    ? []
    : [`pad=${canvas.width}:${canvas.height}:-1:-1:color=${colour(plainColour(canvas))}`]

/** Scaling, and cropping, that gives a picture its size on the canvas, in the canvas's colours. */
function placing(video: VideoInfo, canvas: Canvas): { size: Size; filters: string[] } {
  const shown = { width: video.display_width, height: video.display_height }
  const to = (size: Size) => scaling(video, canvas, size)
  if (canvas.fit === 'pad') {
    const size = fitInside(shown, canvas, canvas.upscale)
    return { size, filters: to(size) }
  }
  if (canvas.fit === 'stretch') {
    const least = (side: 'width' | 'height') =>
      canvas.upscale ? canvas[side] : Math.min(shown[side], canvas[side])
    const size = evenSize({ width: least('width'), height: least('height') })
    return { size, filters: to(size) }
  }
  const cover = coverOf(shown, canvas, canvas.upscale)
  const size = { width: Math.min(cover.width, canvas.width), height: Math.min(cover.height, canvas.height) }
  const overhang = size.width < cover.width || size.height < cover.height
  return { size, filters: [...to(cover), ...(overhang ? [`crop=${size.width}:${size.height}`] : [])] }
}

const ZSCALE_MATRIX = { bt709: 'bt709', bt601: '170m' }

/**
 * Scaling into the canvas's colours, and turning the way it is shown: in this order, since small pictures turn
 * faster, and the scaler alone bears a source that changes its size. HDR is scaled first too: tone mapping is
 * dear.
 */
function scaling(video: VideoInfo, canvas: Canvas, { width, height }: Size): string[] {
  const size = swapsSides(video) ? `${height}:${width}` : `${width}:${height}`
  if (!video.hdr) {
    const colours = `in_color_matrix=${matrixOf(video)}:out_color_matrix=${canvas.matrix}:out_range=tv`
    return [`scale=${size}:${colours}`, ...orientationFilters(video)]
  }
  return [
    `scale=${size}`,
    'format=yuv420p10le',
    ...orientationFilters(video),
    `zscale=tin=${video.transfer}:min=bt2020nc:pin=bt2020:rin=tv:t=linear:npl=100`,
    'format=gbrpf32le',
    'zscale=p=bt709',
    'tonemap=tonemap=hable:desat=0',
    `zscale=t=bt709:m=${ZSCALE_MATRIX[canvas.matrix]}:r=tv`,
    'format=yuv420p',
  ]
}

/** The picture, covering the canvas and blurred beyond recognition: small, so that it costs little. */
function blurred(video: VideoInfo, canvas: Canvas): string[] {
  const small = evenSize({ width: canvas.width / 8, height: canvas.height / 8 })
  const cover = coverOf({ width: video.display_width, height: video.display_height }, small, true)
  return [
    ...scaling(video, canvas, cover),
    `crop=${small.width}:${small.height}`,
    'gblur=sigma=4',
    'eq=brightness=-0.08',
    `scale=${canvas.width}:${canvas.height}:flags=bilinear`,
    'setsar=1',
    'format=yuv420p',
  ]
}

/** Chains that bring a still picture of unknown size and transparency onto the canvas, once. */
export function drawStill(from: string, to: string[], canvas: Canvas, background?: string): string[] {
  const own = background === undefined ? canvas : { ...canvas, background }
  const label = to[0] ?? from
  return [
    backdrop(own, `${label}b`).replace(',format=gbrp', ',trim=end_frame=1,format=gbrp'),
    chain(
      [from],
      [
        `scale=${canvas.width}:${canvas.height}:force_original_aspect_ratio=decrease:force_divisible_by=2` +
          `:out_color_matrix=${canvas.matrix}:out_range=tv`,
        'setsar=1',
        'format=yuva420p',
      ],
      [`${label}f`],
    ),
    chain([`${label}b`, `${label}f`], [CENTRED, 'setsar=1', 'format=yuv420p', `split=${to.length}`], to),
  ]
}

/** Filters that make one picture last: the same frame, `frames` times, without drawing it again. */
export const heldFor = (frames: number, { rate }: Canvas): string[] => [
  ...(frames > 1 ? [`loop=loop=${frames - 1}:size=1:start=0`] : []),
  `settb=${rate.den}/${rate.num}`,
  'setpts=N',
  `fps=${rateText(rate)}`,
]
