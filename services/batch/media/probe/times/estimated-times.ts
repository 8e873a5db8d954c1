import type { MediaInfo } from '#shared/contract/media-info.ts'
import type { FfprobeOutput } from '../ffprobe-output.ts'

/**
 * Containers without an index of their own, as ffprobe calls them: transport and program streams, and raw streams. What
 * ffprobe says about their length is a guess from a few packets at either end, or from the bit rate.
 */
const CONTAINERS_WITHOUT_INDEX = new Set(
  'mpegts,mpeg,mpegvideo,h264,hevc,m4v,ivf,aac,ac3,eac3,dts,truehd,amr,amrnb,amrwb'.split(','),
)

/** Containers that count their duration from 0, wherever their content starts. */
const COUNTS_FROM_ZERO = new Set(['matroska', 'webm', 'mov'])

/** Encoders delay the first packets by some frames: seconds. */
const START_TOLERANCE_S = 0.25

/** What ffprobe warns of when a container states no duration. */
const GUESSED_FROM_BIT_RATE = /Estimating duration from bitrate/

/**
 * Whether what ffprobe says about the length of a file is an estimate, or is counted from elsewhere than its start: then
 * only its packets tell. `warnings` is what ffprobe printed on stderr.
 */
export function hasEstimatedTimes(
  { format, streams }: FfprobeOutput,
  info: Pick<MediaInfo, 'video' | 'audio'>,
  warnings: string,
): boolean {
  if (format.duration === undefined || GUESSED_FROM_BIT_RATE.test(warnings)) return true
  const names = format.format_name.split(',')
  if (names.some((name) => CONTAINERS_WITHOUT_INDEX.has(name))) return true
  if (!names.some((name) => COUNTS_FROM_ZERO.has(name))) return false
  if (Math.abs(format.start_time ?? 0) > START_TOLERANCE_S) return true
  // A recorder that could not seek back states no durations; a tool that repairs the file adds only that of the whole.
  const used = [info.video, info.audio].filter((stream) => stream !== null)
  return used.length > 1 && used.some(({ duration }) => duration === null) && streams.length > 1
}

/**
 * Whether the index of a file lists as many frames as its nominal rate and its duration make. Only MP4 counts them:
 * elsewhere a frame may stand for minutes without a trace in what ffprobe describes.
 */
export function hasEvenFrames(
  { format, streams }: FfprobeOutput,
  { video }: Pick<MediaInfo, 'video'>,
): boolean {
  const stream = video && streams.find(({ index }) => index === video.index)
  if (!stream?.nb_frames || !stream.duration || !format.format_name.split(',').includes('mov')) return false
  const [num = 0, den = 1] = (stream.r_frame_rate ?? '0/1').split('/').map(Number)
  return Math.abs(stream.nb_frames - (stream.duration * num) / den) < 1.5
}
