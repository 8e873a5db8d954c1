/** Pixels. */
export type Size = { width: number; height: number }

/** The nearest even number that is not larger, at least 2: 4:2:0 video has even sides. */
export const even = (side: number): number => Math.max(2, Math.floor(side / 2) * 2)

/** A size with both sides even. */
export const evenSize = ({ width, height }: Size): Size => ({ width: even(width), height: even(height) })

const scaled = ({ width, height }: Size, by: number, within: Size): Size => ({
  // Rounding first keeps 639.9999 from losing two pixels.
  width: Math.min(even(within.width), even(Math.round(width * by))),
  height: Math.min(even(within.height), even(Math.round(height * by))),
})

/** The factor by which video grows until it touches the sides of a frame from inside. */
export const growthInside = (video: Size, frame: Size): number =>
  Math.min(frame.width / video.width, frame.height / video.height)

/** The factor by which video grows until it covers all of a frame. */
export const growthOver = (video: Size, frame: Size): number =>
  Math.max(frame.width / video.width, frame.height / video.height)

/** The largest size of the video's shape that fits into the frame; no larger than the video without upscale. */
export function fitInside(video: Size, frame: Size, upscale: boolean): Size {
  const growth = growthInside(video, frame)
  return scaled(video, upscale ? growth : Math.min(1, growth), frame)
}

/** The smallest size of the video's shape that covers the frame; no larger than the video without upscale. */
export function coverOf(video: Size, frame: Size, upscale: boolean): Size {
  const growth = growthOver(video, frame)
  const factor = upscale ? growth : Math.min(1, growth)
  const up = (side: number, atLeast: number) =>
    factor === growth ? Math.max(even(atLeast), Math.ceil(Math.round(side * factor) / 2) * 2) : even(side)
  return { width: up(video.width, frame.width), height: up(video.height, frame.height) }
}

/**
 * The size in a frame of video that shows one of several shapes there: inside it, or covering it. It may always grow to the `usual`
 * size, since a recorder may only have lowered its resolution.
 */
export function fitShape(video: Size, frame: Size & { fit: string; upscale: boolean }, usual: Size): Size {
  const covers = frame.fit === 'crop'
  const growth = covers ? growthOver : growthInside
  const maxGrowth = frame.upscale ? Number.POSITIVE_INFINITY : Math.max(1, growth(video, usual))
  const by = Math.min(growth(video, frame), maxGrowth)
  const side = (pixels: number) => {
    const rounded = Math.round(pixels * by)
    return even(covers ? rounded + (rounded % 2) : rounded)
  }
  return { width: side(video.width), height: side(video.height) }
}
