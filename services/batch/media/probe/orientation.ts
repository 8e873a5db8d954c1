import type { VideoInfo } from '#shared/contract/media-info.ts'

/** How decoded frames are turned for display: rotated clockwise by these degrees, then perhaps mirrored left to right. */
export type Orientation = Pick<VideoInfo, 'rotation' | 'mirrored'>

/** Stream side data as ffprobe prints it; `rotation` is in degrees counterclockwise. */
type SideData = { rotation?: number | undefined; displaymatrix?: string | undefined }

/**
 * The orientation in a stream's side data. The display matrix itself is read when there is one: ffmpeg 5 and
 * ffprobe's `rotation` take mirrored video for video that is upside down.
 */
export function orientationOf(sideData: SideData[]): Orientation {
  const { rotation = 0, displaymatrix = '' } = sideData.find(isOrientation) ?? {}
  return orientationOfMatrix(displaymatrix) ?? { rotation: clockwise(rotation), mirrored: false }
}

const isOrientation = ({ rotation, displaymatrix }: SideData) =>
  displaymatrix !== undefined || rotation !== undefined

/** Rows of a display matrix as ffprobe prints them: an address and three numbers a line. */
const MATRIX_ROWS = /^\w+:\s+(-?\d+)\s+(-?\d+)\s+-?\d+$/gm

/** The orientation of a display matrix; undefined when there is no matrix or it is all zeros. */
function orientationOfMatrix(printed: string): Orientation | undefined {
  const [first = [], second = []] = [...printed.matchAll(MATRIX_ROWS)].map(([, x, y]) => [
    Number(x),
    Number(y),
  ])
  const [a = 0, b = 0] = first
  const [c = 0, d = 0] = second
  const mirrored = a * d - b * c < 0
  // Mirroring flips the sign of the horizontal axis; without it a plain rotation is left.
  const x = mirrored ? -a : a
  if (x === 0 && b === 0) return undefined
  if (Math.abs(x) >= Math.abs(b)) return { rotation: x > 0 ? 0 : 180, mirrored }
  return { rotation: b > 0 ? 90 : 270, mirrored }
}

const clockwise = (counterclockwise: number) => (360 - ((Math.round(counterclockwise / 90) * 90) % 360)) % 360

/** True when width and height are exchanged for display. */
export const swapsSides = ({ rotation }: Orientation): boolean => rotation === 90 || rotation === 270

/** True when decoded frames are not displayed as they are. */
export const isTurned = ({ rotation, mirrored }: Orientation): boolean => rotation !== 0 || mirrored

/**
 * Filters that turn decoded frames the way they are displayed. Since ffmpeg 7 frames carry the display matrix into the
 * output, where players would turn them once more.
 */
export const orientationFilters = ({ rotation, mirrored }: Orientation): string[] => [
  ...(isTurned({ rotation, mirrored }) ? ['sidedata=mode=delete:type=DISPLAYMATRIX'] : []),
  ...(rotation === 90 ? ['transpose=clock'] : []),
  ...(rotation === 180 ? ['hflip', 'vflip'] : []),
  ...(rotation === 270 ? ['transpose=cclock'] : []),
  ...(mirrored ? ['hflip'] : []),
]
