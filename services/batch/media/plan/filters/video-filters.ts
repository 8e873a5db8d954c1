import type { VideoInfo } from '#shared/contract/media-info.ts'
import { isTurned, orientationFilters, swapsSides } from '../../probe/orientation.ts'
import type { Matrix } from '../encoders.ts'
import { colour, type FilterGraph, plain, type StreamLabel } from '../filter-graph.ts'
import { perSecond, rateText } from '../frame-rate.ts'
import { coverOf, evenSize, fitInside, fitShape, type Size } from '../geometry.ts'
import { matrixOf } from '../target.ts'
import type { Canvas } from '../types.ts'
import { colourConversion, needsColourConversion, scaleForConversion } from './colour-conversion.ts'
import type { DisplayShapes } from './display-shapes.ts'
import { fromFrame, fromStart } from './retiming.ts'

/**
 * Lays the second input over the first: over its middle, or where a crop keeps another part. `shortest` ends with the second; else the
 * first must end.
 */
const overlay = ({ shortest = false, position = CENTRE } = {}): string[] => [
  `overlay=(W-w)${share(position.x)}:(H-h)${share(position.y)}:format=yuv420${shortest ? ':shortest=1' : ''}`,
  'setsar=1',
  'format=yuv420p',
]

const share = (position: number) => (position === 0.5 ? '/2' : `*${plain(position)}`)

const CENTRE: Canvas['position'] = { x: 0.5, y: 0.5 }

/** The frames of a clip, and what lies around them; see `addSourceVideo`. */
type ClipLength = {
  frames: number
  skip: number
  holdSeconds: number
  leads: boolean
  endsEarly: boolean
  tailFrames: number
  shapes: DisplayShapes | undefined
  reports: string[]
}

/**
 * Adds a source's video on the canvas: exactly `frames` frames of one rate, with square pixels. Sizes come from the
 * probe, so that rotation and pixel shape are right; and are fixed, so that a source that changes its size on the way
 * stays in the frame. Where `shapes` are known, each is fitted into the frame by itself. Video that ends before its audio holds its last frame, for `holdSeconds` at most: a source cut
 * off half-way must not pass for whole. `leads`: decoding starts before the clip, at negative timestamps.
 * `endsEarly`: its last frame stands for longer than the container says, so that it must not be lost.
 * `skip`: how many frames of the clip come before those that are wanted. `tailFrames`: what is wanted starts behind the
 * last frame, which is found by counting from this many frames before it.
 * `reports`: filters that see every decoded frame, and change none but for its timestamp.
 */
export function addSourceVideo(
  graph: FilterGraph,
  input: StreamLabel,
  video: VideoInfo,
  canvas: Canvas,
  { frames, skip, holdSeconds, leads, endsEarly, tailFrames, shapes, reports }: ClipLength,
): StreamLabel {
  // ffmpeg 5 copies the display matrix to the output when the graph has one input: players would turn it once more.
  if (isTurned(video)) graph.discard(input)
  const { size, filters } = fitToCanvas(video, canvas)
  const { filters: retime, firstFrame } =
    skip === 0
      ? fromStart(canvas.rate, tailFrames, endsEarly)
      : fromFrame(canvas.rate, skip - tailFrames, endsEarly)
  const surplus = skip - firstFrame
  const hold = [
    `tpad=stop_mode=clone:stop_duration=${plain(holdSeconds)}`,
    ...(surplus === 0
      ? [`trim=end_frame=${frames}`]
      : [`trim=start_frame=${surplus}:end_frame=${surplus + frames}`, 'setpts=PTS-STARTPTS']),
  ]
  const decoded = [...reports, ...(video.interlaced ? deinterlace(video) : [])]
  if (shapes && followsShapes(video, canvas)) {
    const shown = followShapes(graph, graph.chain([input], decoded), video, canvas, { shapes, retime })
    return graph.chain([shown], hold)
  }
  const backdrop = chooseBackdrop(video, canvas, size)
  if (backdrop === 'none') {
    const fitted = [...filters, ...pad(size, canvas), 'setsar=1']
    // Frames that will be dropped are not worth scaling; frames that are doubled are better scaled once.
    const drops = video.fps > perSecond(canvas.rate) * (leads && surplus === 0 ? 0.99 : 1)
    const timed = drops ? [...retime, ...fitted] : [...fitted, ...retime]
    return graph.chain([input], [...decoded, ...timed, 'format=yuv420p', ...hold])
  }
  const fitted = [...filters, 'setsar=1', ...(video.alpha ? ['format=yuva420p'] : [])]
  if (backdrop === 'colour') {
    const back = graph.source('video', [colourSource(canvas), ...colourToYuv(canvas.matrix)])
    const front = graph.chain([input], [...decoded, ...retime, ...fitted])
    return graph.chain([back, front], [...overlay({ shortest: true }), ...hold])
  }
  const [behind, above] = graph.duplicate(graph.chain([input], [...decoded, ...retime]))
  const back = graph.chain([behind], blurOverCanvas(video, canvas))
  const front = graph.chain([above], fitted)
  return graph.chain([back, front], [...overlay(), ...hold])
}

/** What turns or converts frames behind the scaler takes a single size. */
const followsShapes = (video: VideoInfo, { fit }: Canvas): boolean =>
  fit !== 'stretch' && !isTurned(video) && !needsColourConversion(video)

/**
 * Fits each shape of a video into the frame. Since version 7, ffmpeg takes the pixel aspect at the beginning of a file for that of all
 * its frames: the scaler is sent a command when another shape begins, on the clock of the clip, which ends where frames are brought to a rate.
 */
function followShapes(
  graph: FilterGraph,
  decoded: StreamLabel,
  video: VideoInfo,
  canvas: Canvas,
  { shapes, retime }: { shapes: DisplayShapes; retime: string[] },
): StreamLabel {
  const fitted = [
    ...fitShapes(video, canvas, shapes),
    'setsar=1',
    ...(video.alpha ? ['format=yuva420p'] : []),
  ]
  const position = canvas.fit === 'crop' ? canvas.position : CENTRE
  if (canvas.background === 'blur' && !video.alpha) {
    const [behind, above] = graph.duplicate(decoded)
    const back = graph.chain([behind], [...retime, ...blurOverCanvas(video, canvas)])
    return graph.chain([back, graph.chain([above], [...fitted, ...retime])], overlay({ position }))
  }
  // Labelled like the video: since version 7, ffmpeg would put a scaler of one size behind whichever differs.
  const colours = [...colourToYuv(canvas.matrix), ...tag(video, canvas.matrix)]
  const back = graph.source('video', [colourSource(canvas), ...colours])
  const front = graph.chain([decoded], [...fitted, ...retime])
  return graph.chain([back, front], overlay({ shortest: true, position }))
}

/** Before the first frame of a shape, whose timestamp is rounded: seconds. */
const SHAPE_MARGIN_S = 0.002

/** Filters that scale the first shape, and from its moment on each later one. */
function fitShapes(video: VideoInfo, canvas: Canvas, { id, first, later }: DisplayShapes): string[] {
  const scaler = `scale@shapes${id}`
  const usual = fitToCanvas(video, canvas).size
  const commands = later.flatMap(({ at, size }) => {
    const moment = plain(Math.max(0, at - SHAPE_MARGIN_S))
    const { width, height } = fitShape(size, canvas, usual)
    return [`${moment} ${scaler} w ${width}`, `${moment} ${scaler} h ${height}`]
  })
  return [
    ...(commands.length > 0 ? [`sendcmd=c='${commands.join(';')}'`] : []),
    ...scale(video, canvas.matrix, fitShape(first, canvas, usual), scaler),
  ]
}

/**
 * Frames of another size than the first are scaled before, each field for itself: the deinterlacer takes a single size. All others
 * pass the scaler as they are.
 */
const deinterlace = ({ width, height }: VideoInfo): string[] => [
  `scale=${width}:${height}:interl=-1`,
  'yadif=deint=interlaced',
]

/** What shows behind a source's video: nothing but plain bars, a colour, or the video itself, blurred. */
function chooseBackdrop(video: VideoInfo, canvas: Canvas, size: Size): 'none' | 'colour' | 'blur' {
  const fills = size.width === canvas.width && size.height === canvas.height
  if (video.alpha) return 'colour'
  if (fills) return 'none'
  if (canvas.background === 'blur') return 'blur'
  return padColourIsExact(canvas) ? 'none' : 'colour'
}

// The pad filter knows the older matrix alone: other colours than grey would come out shifted in HD.
const padColourIsExact = ({ background, matrix }: Canvas) =>
  matrix === 'bt601' || /^#(..)\1\1$/.test(background.toLowerCase())

const barColour = ({ background }: Canvas) => colour(background === 'blur' ? '#000000' : background)

/** An endless canvas of its background colour, in RGB. */
const colourSource = (canvas: Canvas) =>
  `color=c=${barColour(canvas)}:s=${canvas.width}x${canvas.height}:r=${rateText(canvas.rate)}`

const colourToYuv = (matrix: Matrix) => [
  'format=gbrp',
  `scale=out_color_matrix=${matrix}:out_range=tv`,
  'format=yuv420p',
]

/** Bars around video that does not fill the canvas. */
const pad = (size: Size, canvas: Canvas): string[] =>
  size.width === canvas.width && size.height === canvas.height
    ? []
    : [`pad=${canvas.width}:${canvas.height}:-1:-1:color=${barColour(canvas)}`]

/** The size of a source's video on the canvas, and the filters that scale and crop it to that. */
function fitToCanvas(video: VideoInfo, canvas: Canvas): { size: Size; filters: string[] } {
  const shown = { width: video.display_width, height: video.display_height }
  if (canvas.fit === 'pad') {
    const size = fitInside(shown, canvas, canvas.upscale)
    return { size, filters: scale(video, canvas.matrix, size) }
  }
  if (canvas.fit === 'stretch') {
    const limit = (side: 'width' | 'height') =>
      canvas.upscale ? canvas[side] : Math.min(shown[side], canvas[side])
    const size = evenSize({ width: limit('width'), height: limit('height') })
    return { size, filters: scale(video, canvas.matrix, size) }
  }
  const cover = coverOf(shown, canvas, canvas.upscale)
  const size = { width: Math.min(cover.width, canvas.width), height: Math.min(cover.height, canvas.height) }
  return { size, filters: [...scale(video, canvas.matrix, cover), ...crop(cover, size, canvas.position)] }
}

/** Cuts a size out of video that may be larger. Left out, the position is the middle. */
function crop(video: Size, { width, height }: Size, position: Canvas['position']): string[] {
  if (width >= video.width && height >= video.height) return []
  if (position.x === 0.5 && position.y === 0.5) return [`crop=${width}:${height}`]
  // Chroma has half the samples, so that only even offsets exist.
  const offset = (surplus: number, share: number) => Math.round((surplus * share) / 2) * 2
  return [
    `crop=${width}:${height}:${offset(video.width - width, position.x)}:${offset(video.height - height, position.y)}`,
  ]
}

/**
 * Scales video into the colours of the result and turns it upright. In this order, since small frames turn faster, and
 * only the scaler bears a source that changes its size. Colours are converted last: that is expensive.
 */
function scale(video: VideoInfo, matrix: Matrix, { width, height }: Size, name = 'scale'): string[] {
  const size = swapsSides(video) ? `${height}:${width}` : `${width}:${height}`
  if (needsColourConversion(video)) {
    return [
      ...scaleForConversion(video, size),
      ...orientationFilters(video),
      ...colourConversion(video, matrix),
    ]
  }
  const colours = `in_color_matrix=${matrixOf(video)}:out_color_matrix=${matrix}:out_range=tv`
  return [`${name}=${size}:${colours}`, ...tag(video, matrix), ...orientationFilters(video)]
}

/** How frames of a matrix may be labelled. */
const SAME_MATRIX: Record<Matrix, string[]> = { bt709: ['bt709'], bt601: ['smpte170m', 'bt470bg'] }

/** The scaler converts frames, but they keep the label of their source's matrix, which whatever makes RGB of them believes. */
const tag = (video: VideoInfo, matrix: Matrix): string[] =>
  SAME_MATRIX[matrix].includes(video.matrix ?? '')
    ? []
    : [`setparams=colorspace=${matrix === 'bt709' ? 'bt709' : 'smpte170m'}`]

/** Covers the canvas with the video, blurred beyond recognition: at an eighth of the size, so that it costs little. */
function blurOverCanvas(video: VideoInfo, canvas: Canvas): string[] {
  const small = evenSize({ width: canvas.width / 8, height: canvas.height / 8 })
  const cover = coverOf({ width: video.display_width, height: video.display_height }, small, true)
  return [
    ...scale(video, canvas.matrix, cover),
    `crop=${small.width}:${small.height}`,
    'gblur=sigma=4',
    'eq=brightness=-0.08',
    `scale=${canvas.width}:${canvas.height}:flags=bilinear`,
    'setsar=1',
    'format=yuv420p',
  ]
}

/** Adds one frame of an image of unknown size and transparency, on the canvas. */
export function addStillFrame(graph: FilterGraph, image: StreamLabel, canvas: Canvas): StreamLabel {
  const back = graph.source('video', [
    colourSource(canvas),
    'trim=end_frame=1',
    ...colourToYuv(canvas.matrix),
  ])
  const fitted = graph.chain(
    [image],
    [
      `scale=${canvas.width}:${canvas.height}:force_original_aspect_ratio=decrease:force_divisible_by=2` +
        `:out_color_matrix=${canvas.matrix}:out_range=tv`,
      'setsar=1',
      'format=yuva420p',
    ],
  )
  return graph.chain([back, fitted], overlay())
}

/** Filters that repeat one frame until there are `frames` of it, without drawing it again. */
export const holdFrame = (frames: number, { rate }: Canvas): string[] => [
  ...(frames > 1 ? [`loop=loop=${frames - 1}:size=1:start=0`] : []),
  `settb=${rate.den}/${rate.num}`,
  'setpts=N',
  `fps=${rateText(rate)}`,
]
