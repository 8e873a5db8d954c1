import type { MediaInfo } from '#shared/contract/media-info.ts'

/** Of sound whose rate nobody tells. */
const USUAL_SOUND = 128_000

/** Bits a second of a whole file, from its size when it does not tell. */
export function wholeRate(info: MediaInfo | undefined): number | undefined {
  if (!info) return undefined
  return (
    info.bit_rate ?? (info.bytes !== null && info.duration > 0 ? (info.bytes * 8) / info.duration : undefined)
  )
}

/** Bits a second of a file's sound: told, or all there is when there is no picture, or what is usual. */
export const soundRate = (info: MediaInfo | undefined): number =>
  info?.audio?.bit_rate ?? (info?.video ? USUAL_SOUND : (wholeRate(info) ?? USUAL_SOUND))

/** Bits a second of a file's picture: told, or what the sound leaves. Undefined when neither can be known. */
export function pictureRate(info: MediaInfo | undefined): number | undefined {
  if (!info?.video) return undefined
  const whole = wholeRate(info)
  return info.video.bit_rate ?? (whole && Math.max(0, whole - (info.audio ? soundRate(info) : 0)))
}

/** Bytes of a file, from its rate when it does not tell; 0 when neither is known. */
export const wholeBytes = (info: MediaInfo): number =>
  info.bytes ?? ((wholeRate(info) ?? 0) * info.duration) / 8
