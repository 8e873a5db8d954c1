import { aspectOf, type Choices, hasVideo, type Size } from '../choices.ts'

/** Pixels of the frame, from its upper left corner. */
export type Rectangle = Size & { left: number; top: number }

/** The frame of the result, and where the whole video lies in it; what lies outside of the frame is cut off. */
export type Layout = { frame: Size; video: Rectangle }

/** How the service fits video of this size into the frame that was chosen; without rounding to even sides. */
export function layoutOf(choices: Choices, video: Size): Layout {
  if (choices.shape === 'keep' || !hasVideo(choices)) {
    return { frame: video, video: { ...video, left: 0, top: 0 } }
  }
  const frame = frameOf(choices, video)
  const size = fitted(choices, video, frame)
  return {
    frame,
    video: {
      ...size,
      left: (frame.width - size.width) * (size.width > frame.width ? choices.position.x : 0.5),
      top: (frame.height - size.height) * (size.height > frame.height ? choices.position.y : 0.5),
    },
  }
}

/** Without sides of its own, the frame is the smallest around the video, or with crop the largest inside of it. */
function frameOf(choices: Choices, video: Size): Size {
  if (choices.shape === 'custom') return { width: choices.width, height: choices.height }
  const aspect = aspectOf(choices, video)
  const isWider = video.width / video.height > aspect
  return isWider === (choices.fit === 'crop')
    ? { width: video.height * aspect, height: video.height }
    : { width: video.width, height: video.width / aspect }
}

function fitted({ fit, shape, upscale }: Choices, video: Size, frame: Size): Size {
  const [x, y] = [frame.width / video.width, frame.height / video.height]
  const limit = shape === 'custom' && !upscale ? 1 : Number.POSITIVE_INFINITY
  if (fit === 'stretch') {
    return { width: video.width * Math.min(x, limit), height: video.height * Math.min(y, limit) }
  }
  const growth = Math.min(fit === 'crop' ? Math.max(x, y) : Math.min(x, y), limit)
  return { width: video.width * growth, height: video.height * growth }
}

/**
 * The position of a crop after the video has been dragged by so many shares of the frame's sides; a direction in which nothing is
 * cut off stays as it is.
 */
export function positionAfter(
  position: Choices['position'],
  { frame, video }: Layout,
  by: { x: number; y: number },
): Choices['position'] {
  const along = (share: number, dragged: number, side: number, whole: number) => {
    const surplus = whole - side
    if (surplus < 1) return share
    return Math.round(Math.min(1, Math.max(0, share - (dragged * side) / surplus)) * 1000) / 1000
  }
  return {
    x: along(position.x, by.x, frame.width, video.width),
    y: along(position.y, by.y, frame.height, video.height),
  }
}

/** The directions in which a crop cuts something off, so that there is something to move. */
export const movable = ({ frame, video }: Layout): { x: boolean; y: boolean } => ({
  x: video.width - frame.width >= 1,
  y: video.height - frame.height >= 1,
})

export type Corner = 'top_left' | 'top_right' | 'bottom_left' | 'bottom_right'

/** The corner nearest to a point; both coordinates go from 0 at the upper left to 1. */
export const cornerAt = (x: number, y: number): Corner =>
  `${y < 0.5 ? 'top' : 'bottom'}_${x < 0.5 ? 'left' : 'right'}`

/** The corner that an arrow key leads to; the same one where there is none in that direction. */
export function cornerBy(corner: Corner, key: string): Corner {
  const [vertical = '', horizontal = ''] = corner.split('_')
  const column = key === 'ArrowLeft' ? 'left' : key === 'ArrowRight' ? 'right' : horizontal
  const row = key === 'ArrowUp' ? 'top' : key === 'ArrowDown' ? 'bottom' : vertical
  return `${row}_${column}` as Corner
}
