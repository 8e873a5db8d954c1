import type { MediaInfo } from '#shared/contract/media-info.ts'
import type { FfprobeOutput, FfprobeStream } from '../ffprobe-output.ts'
import { durationOf } from '../stream-info.ts'

/**
 * Containers without an index of their own, as ffprobe calls them: transport and program streams, Flash Video, Ogg, and raw
 * streams. What ffprobe says about their length is a guess from a few packets at either end, or from the bit rate.
 */
const CONTAINERS_WITHOUT_INDEX = new Set(
  'mpegts,mpeg,mpegvideo,flv,ogg,h264,hevc,m4v,ivf,aac,loas,ac3,eac3,dts,truehd,amr,amrnb,amrwb'.split(','),
)

/** Whether ffprobe may have guessed how long a file of this container is. */
export const mayGuessLength = (container: string): boolean =>
  container.split(',').some((name) => CONTAINERS_WITHOUT_INDEX.has(name) || name === 'mp3')

/**
 * Whether packets have to be read although the length that is stated is right, to find that another file was joined to it. The header
 * of FLAC counts the samples of its own file. Reading an hour takes half a second of CPU.
 */
export const mayHideJoinedFile = ({ container }: Pick<MediaInfo, 'container'>): boolean =>
  container === 'flac'

/** Containers that count their duration from 0, wherever their content starts. */
const COUNTS_FROM_ZERO = new Set(['matroska', 'webm', 'mov'])

/** Encoders delay the first packets by some frames: seconds. */
const START_TOLERANCE_S = 0.25

/** ffprobe rounds the average rate. */
const LISTED_TOLERANCE = 2

/** What ffprobe warns of when a container states no duration, or one that the size of the file does not bear out. */
const IS_GUESSED = /Estimating duration from bitrate|filesize and duration do not match/

type Used = Pick<MediaInfo, 'video' | 'audio'>

/**
 * Whether what ffprobe says about the length of a file is an estimate, or is counted from elsewhere than its start: then
 * only its packets tell. `warnings` is what ffprobe printed on stderr.
 */
export function hasEstimatedTimes({ format, streams }: FfprobeOutput, info: Used, warnings: string): boolean {
  if (format.duration === undefined || IS_GUESSED.test(warnings)) return true
  const names = format.format_name.split(',')
  if (names.some((name) => CONTAINERS_WITHOUT_INDEX.has(name))) return true
  if (names.includes('mp3') && hasOtherLength(format, streams, info)) return true
  if (!names.some((name) => COUNTS_FROM_ZERO.has(name))) return false
  if (Math.abs(format.start_time ?? 0) > START_TOLERANCE_S) return true
  if (names.includes('mov') && isFragmented(streams, info)) return true
  // A recorder that could not seek back states no durations; a tool that repairs the file adds only that of the whole.
  const used = [info.video, info.audio].filter((stream) => stream !== null)
  if (used.some(({ duration }) => duration === null)) return true
  return names.includes('matroska') && contradictsStreams(format, streams)
}

/** Tools that write Matroska round what they state, and count from another start: seconds. */
const STATED_TOLERANCE_S = 1

/** Whether a Matroska file states a length of the whole that is not that of its longest stream. */
function contradictsStreams({ duration = 0 }: FfprobeOutput['format'], streams: FfprobeStream[]): boolean {
  const longest = Math.max(...streams.map((stream) => durationOf(stream) ?? 0))
  return Math.abs(longest - duration) > STATED_TOLERANCE_S
}

/** A file that holds so many times the bytes that its frames take, or of which those are so many times the bytes. */
const DIFFERENT = 1.005

/**
 * Whether an MP3 has more or fewer bytes than its header counts: something was appended, or cut off. Cover art counts as well, which
 * only makes reading the packets superfluous.
 */
function hasOtherLength(
  { bit_rate: rate = 0 }: FfprobeOutput['format'],
  streams: FfprobeStream[],
  { audio }: Used,
) {
  const stream = audio && streams.find(({ index }) => index === audio.index)
  const stated = stream?.bit_rate ?? rate
  return rate > stated * DIFFERENT || stated > rate * DIFFERENT
}

/**
 * Whether frames of a used stream are described outside of the index of an MP4 file, each fragment by a header of its own:
 * the index then counts none or only those of the first fragment. Each header states its own start, which nothing compares
 * with the end of the fragment before.
 */
function isFragmented(streams: FfprobeStream[], { video, audio }: Used) {
  return [video, audio].some((used) => {
    const stream = used && streams.find(({ index }) => index === used.index)
    if (!stream) return false
    if (!stream.nb_frames) return true
    const [num = 0, den = 1] = (stream.avg_frame_rate ?? '0/1').split('/').map(Number)
    return den > 0 && stream.nb_frames < ((stream.duration ?? 0) * num) / den - LISTED_TOLERANCE
  })
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
