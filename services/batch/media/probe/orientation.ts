import type { VideoInfo } from '#shared/contract/media-info.ts'

/** How a picture is to be shown: turned clockwise by these degrees, then perhaps mirrored left to right. */
export type Orientation = Pick<VideoInfo, 'rotation' | 'mirrored'>

/** A display matrix as ffprobe prints it: an address and three numbers a line. */
const ROWS = /^\w+:\s+(-?\d+)\s+(-?\d+)\s+-?\d+$/gm

/**
 * The orientation that a stream's side data tells. ffmpeg 5 takes a mirrored picture for one that stands on
 * its head, and so does ffprobe's own `rotation`: so the matrix itself is read, when there is one.
 */
export function orientationOf(
  sides: { rotation?: number | undefined; displaymatrix?: string | undefined }[],
): Orientation {
  const side = sides.find(
    ({ rotation, displaymatrix }) => displaymatrix !== undefined || rotation !== undefined,
  )
  const [across = [], down = []] = [...(side?.displaymatrix ?? '').matchAll(ROWS)].map(([, x, y]) => [
    Number(x),
    Number(y),
  ])
  const [a = 0, b = 0] = across
  const [c = 0, d = 0] = down
  const mirrored = a * d - b * c < 0
  // A mirror swaps the sign of what goes across; without it there is a plain turn left.
  const x = mirrored ? -a : a
  if (x !== 0 || b !== 0)
    return { rotation: Math.abs(x) >= Math.abs(b) ? (x > 0 ? 0 : 180) : b > 0 ? 90 : 270, mirrored }
  const counterclockwise = Math.round((side?.rotation ?? 0) / 90) * 90
  return { rotation: (360 - (counterclockwise % 360)) % 360, mirrored: false }
}

export const swapsSides = ({ rotation }: Orientation): boolean => rotation === 90 || rotation === 270

/** Filters that turn a stored picture the way it is shown. */
export const orientationFilters = ({ rotation, mirrored }: Orientation): string[] => [
  ...(rotation === 90 ? ['transpose=clock'] : []),
  ...(rotation === 180 ? ['hflip', 'vflip'] : []),
  ...(rotation === 270 ? ['transpose=cclock'] : []),
  ...(mirrored ? ['hflip'] : []),
]
