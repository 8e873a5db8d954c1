import type { MediaInfo } from '#shared/contract/media-info.ts'
import { withPeakRate } from './peak-rate.ts'
import type { StreamTimes, TimeMap } from './time-map.ts'

/**
 * What a probe found, with measured times in place of what the container states. Of a file with video and audio, a track of which
 * nothing was found is left out.
 */
export function withTimes(
  { start: _, ...info }: MediaInfo,
  { origin, end, warnings, video, audio, peakRate }: TimeMap,
): MediaInfo {
  const start = Math.round(origin * 1e6) / 1e6
  return {
    ...info,
    duration: end,
    ...(start !== 0 && { start }),
    // A bit rate that belongs to another duration is as wrong as that.
    bit_rate: info.bytes === null ? info.bit_rate : Math.round((info.bytes * 8) / end),
    video: isEmpty(video, audio)
      ? null
      : info.video && {
          ...withPeakRate(info.video, peakRate, averageRate(video)),
          duration: durationOf(video),
          frames: info.video.frames ?? video?.packets ?? null,
        },
    audio: isEmpty(audio, video) ? null : info.audio && { ...info.audio, duration: durationOf(audio) },
    ...(warnings.length > 0 && { warnings: [...(info.warnings ?? []), ...warnings] }),
  }
}

const isEmpty = (times: StreamTimes | null, other: StreamTimes | null) => !times && other !== null

const durationOf = (times: StreamTimes | null): number | null =>
  times && Math.round((times.end - times.start) * 1e6) / 1e6

const averageRate = (times: StreamTimes | null): number | undefined =>
  times && times.end > times.start ? times.packets / (times.end - times.start) : undefined
