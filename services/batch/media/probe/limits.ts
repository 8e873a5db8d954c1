import type { MediaInfo, VideoInfo } from '#shared/contract/media-info.ts'
import { CutroomError } from '#shared/errors.ts'
import type { MediaLimits } from './media-input.ts'

/** @throws CutroomError `media.limits` when decoding the source would exceed a limit. */
export function requireWithinLimits({ duration, streams, video }: MediaInfo, limits: MediaLimits): void {
  if (duration > limits.seconds) {
    throw beyondLimit(`it lasts ${Math.round(duration)} s, and at most ${limits.seconds} s are allowed`)
  }
  if (streams > limits.streams) {
    throw beyondLimit(`it has ${streams} streams, and at most ${limits.streams} are allowed`)
  }
  if (video) requirePixelsWithinLimit(video, limits.pixels)
}

function requirePixelsWithinLimit(video: VideoInfo, maxPixels: number) {
  if (video.width * video.height > maxPixels) {
    throw beyondLimit(
      `its frames have ${video.width}x${video.height} pixels, and at most ${maxPixels} are allowed`,
    )
  }
  // Very wide pixels turn small frames into huge ones.
  if (video.display_width * video.display_height > maxPixels) {
    throw beyondLimit(
      `it displays as ${video.display_width}x${video.display_height} pixels, and at most ${maxPixels} are allowed`,
    )
  }
}

const beyondLimit = (what: string) =>
  new CutroomError(
    'media.limits',
    `The source exceeds a limit: ${what}. Shorten, scale down or simplify it first.`,
  )
