import type { MediaInfo } from '#shared/contract/media-info.ts'
import { toVideoInfo } from '../stream-info.ts'
import { createFrameTimes } from '../times/frame-times.ts'
import type { TimeMap } from '../times/time-map.ts'
import { withTimes } from '../times/with-times.ts'
import type { FramePlacement } from './frame.ts'

/** The container and the codec of an animated WebP, as its description names them. */
const WEBP = 'webp'

/** Whether a source is an animated WebP: ffmpeg reads it only once its frames were decoded. */
export const isAnimatedWebp = ({ container }: Pick<MediaInfo, 'container'>): boolean => container === WEBP

/** What an animated WebP of some bytes is, from its canvas in pixels and its frames: at least one. */
export function describeFrames(
  { width, height, bytes }: { width: number; height: number; bytes: number },
  frames: readonly Pick<FramePlacement, 'ms'>[],
): { info: MediaInfo; times: TimeMap } {
  const rates = createFrameTimes()
  let end = 0
  for (const { ms } of frames) {
    rates.add(end / 1000)
    end += ms
  }
  const shortest = frames.reduce((least, { ms }) => Math.min(least, ms), Number.POSITIVE_INFINITY)
  const video = toVideoInfo({
    ...{ index: 0, codec_name: WEBP, width, height, pix_fmt: 'rgba', nb_frames: frames.length },
    ...{ avg_frame_rate: `${frames.length * 1000}/${end}`, r_frame_rate: `1000/${shortest}` },
    ...{ disposition: {}, tags: {}, side_data_list: [] },
  })
  const times: TimeMap = {
    video: { start: 0, end: end / 1000, packets: frames.length },
    audio: null,
    end: end / 1000,
    origin: 0,
    shift: 0,
    // Nothing is sought: each frame changes what those before it left.
    keyFrames: [{ shownAt: 0, decodedAt: 0 }],
    peakRate: rates.peakRate(),
    hasTimestamps: true,
    continuous: true,
    changes: [],
    warnings: [],
  }
  const info: MediaInfo = {
    ...{ container: WEBP, duration: times.end, bytes, bit_rate: null, streams: 1 },
    ...{ video, audio: null },
  }
  return { info: withTimes(info, times), times }
}
