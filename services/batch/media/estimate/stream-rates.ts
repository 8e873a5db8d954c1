import type { MediaInfo } from '#shared/contract/media-info.ts'

/** Bits per second of audio whose rate is not known. */
const USUAL_AUDIO_RATE = 128_000

/** Bits per second of a whole file: as probed, else from its size. */
function fileRate({ bit_rate, bytes, duration }: MediaInfo): number | undefined {
  if (bit_rate !== null) return bit_rate
  return bytes !== null && duration > 0 ? (bytes * 8) / duration : undefined
}

/** Bits per second of a file's audio: as probed, else the whole file's when it has no video, else what is usual. */
export const audioRate = (info: MediaInfo): number =>
  info.audio?.bit_rate ?? (info.video ? USUAL_AUDIO_RATE : (fileRate(info) ?? USUAL_AUDIO_RATE))

/** Bits per second of a file's video: as probed, else what its audio leaves. Undefined when neither is known. */
export function videoRate(info: MediaInfo): number | undefined {
  if (!info.video) return undefined
  const whole = fileRate(info)
  return info.video.bit_rate ?? (whole && Math.max(0, whole - (info.audio ? audioRate(info) : 0)))
}

/** Bytes of a file: as probed, else from its rate; 0 when neither is known. */
export const fileBytes = (info: MediaInfo): number =>
  info.bytes ?? ((fileRate(info) ?? 0) * info.duration) / 8
