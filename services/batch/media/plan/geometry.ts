/** Pixels. */
export type Size = { width: number; height: number }

/** The nearest even number that is not larger, at least 2: 4:2:0 pictures have even sides. */
export const even = (side: number): number => Math.max(2, Math.floor(side / 2) * 2)
export const evenSize = ({ width, height }: Size): Size => ({ width: even(width), height: even(height) })

const scaled = ({ width, height }: Size, by: number, within: Size): Size => ({
  // Rounding first keeps 639.9999 from losing two pixels.
  width: Math.min(even(within.width), even(Math.round(width * by))),
  height: Math.min(even(within.height), even(Math.round(height * by))),
})

/** By how much a picture grows until it touches the frame's sides from inside, and until it covers all of it. */
export const growthInside = (picture: Size, frame: Size): number =>
  Math.min(frame.width / picture.width, frame.height / picture.height)
export const growthOver = (picture: Size, frame: Size): number =>
  Math.max(frame.width / picture.width, frame.height / picture.height)

/** The largest size of the picture's shape that fits into the frame. */
export function fitInside(picture: Size, frame: Size, upscale: boolean): Size {
  const by = growthInside(picture, frame)
  return scaled(picture, upscale ? by : Math.min(1, by), frame)
}

/** The smallest size of the picture's shape that covers the frame; smaller than the frame without upscale. */
export function coverOf(picture: Size, frame: Size, upscale: boolean): Size {
  const by = growthOver(picture, frame)
  const size = upscale ? by : Math.min(1, by)
  const up = (side: number, atLeast: number) =>
    size === by ? Math.max(even(atLeast), Math.ceil(Math.round(side * size) / 2) * 2) : even(side)
  return { width: up(picture.width, frame.width), height: up(picture.height, frame.height) }
}

/** A frame as a recipe asks for it: sides, or a shape. */
type Asked = {
  width?: number | undefined
  height?: number | undefined
  aspect?: string | undefined
  fit: string
}

/**
 * The size of the frame for a picture of this size. A side left out follows from the aspect, else from the
 * picture. An aspect alone gives the largest frame inside the picture for crop, the smallest around it else.
 */
export function frameSize(frame: Asked | undefined, picture: Size): Size {
  if (!frame) return picture
  const [across = picture.width, down = picture.height] = frame.aspect?.split(':').map(Number) ?? []
  const shape = across / down
  const { width, height } = frame
  if (width && height) return { width, height }
  if (width) return { width, height: Math.round(width / shape) }
  if (height) return { width: Math.round(height * shape), height }
  const wider = picture.width / picture.height > shape
  return wider === (frame.fit === 'crop')
    ? { width: Math.round(picture.height * shape), height: picture.height }
    : { width: picture.width, height: Math.round(picture.width / shape) }
}
