import type { MediaInfo } from '#shared/contract/media-info.ts'
import { type FfprobeOutput, type FfprobeStream, parseFfprobeOutput } from './ffprobe-output.ts'
import { ignoredAudio, skippedVideo } from './ignored-tracks.ts'
import { requireWithinLimits } from './limits.ts'
import { ALLOWED_CODECS, type MediaLimits } from './media-input.ts'
import { toAudioInfo, toVideoInfo } from './stream-info.ts'
import { mayGuessLength } from './times/estimated-times.ts'
import { unreadableSource, unsupportedFormat } from './unreadable-source.ts'

/** Containers, as ffprobe names them, that are nothing but a video stream. */
const RAW_VIDEO: ReadonlySet<string> = new Set(['h264', 'hevc'])

/**
 * Turns what ffprobe prints (`-print_format json -show_format -show_streams`) into a MediaInfo. Its `duration` is 0
 * when neither the container nor a stream states one.
 * @throws CutroomError `media.unreadable` without a video or audio stream of an allowed codec, `media.limits` when
 * the source exceeds a limit.
 */
export function parseProbe(printed: string, limits: MediaLimits): MediaInfo {
  const { streams, format } = parseFfprobeOutput(printed)
  const hasFrames = isListed(streams, format)
  const isFilled = (stream: FfprobeStream) => isUsable(stream) && hasFrames(stream)
  const videoStream = selectStream(streams, 'video', isFilled, isUsable, isPresent)
  const audioStream = selectStream(streams, 'audio', isFilled, isUsable, isReadable)
  for (const stream of [videoStream, audioStream]) {
    if (stream && !isReadable(stream) && (isPresent(stream) || isKnown(stream))) {
      throw unsupportedFormat(`codec ${codecName(stream)}`)
    }
  }
  const isRaw = RAW_VIDEO.has(format.format_name)
  const video = videoStream ? toVideoInfo(videoStream, { isRaw, hasPts: format.format_name !== 'avi' }) : null
  const audio = audioStream ? toAudioInfo(audioStream) : null
  if (!video && !audio) throw unreadableSource('it contains neither video nor audio')
  const warnings = [
    ...(video ? skippedVideo(streams, video.index, isReadable) : []),
    ...(audio ? ignoredAudio(streams, audio.index, isReadable) : []),
  ]
  const start = Math.round((format.start_time ?? 0) * 1e6) / 1e6
  const info: MediaInfo = {
    container: format.format_name,
    duration: format.duration ?? Math.max(0, video?.duration ?? 0, audio?.duration ?? 0),
    ...(start !== 0 && { start }),
    bytes: format.size ?? null,
    bit_rate: format.bit_rate ?? null,
    streams: format.nb_streams,
    video,
    audio,
    ...(warnings.length > 0 && { warnings }),
  }
  // A guess may be hours off, and a duration may be counted from 1970 on: whoever measures the file then asks again.
  const duration = mayGuessLength(info.container) ? 0 : info.duration - Math.max(0, start)
  requireWithinLimits({ ...info, duration }, limits)
  return info
}

/**
 * The stream that a player would choose: the default one, else the first; of those that are `preferred`, in this order, before all
 * others. iPhones, for example, put a second audio track beside the AAC that few programs decode. Cover art is not video.
 */
function selectStream(
  streams: FfprobeStream[],
  kind: 'video' | 'audio',
  ...preferred: ((stream: FfprobeStream) => boolean)[]
): FfprobeStream | undefined {
  const candidates = streams.filter((s) => s.codec_type === kind && s.disposition.attached_pic !== 1)
  const isPreferred = preferred.find((meets) => candidates.some(meets)) ?? (() => true)
  const pool = candidates.filter(isPreferred)
  return pool.find((s) => s.disposition.default === 1) ?? pool[0]
}

/** False for a stream that a broadcast announces and does not send: neither a size nor channels are known of it. */
const isPresent = ({ width = 0, channels = 0 }: FfprobeStream): boolean => width > 0 || channels > 0

/**
 * Whether a stream has frames. An MP4 counts those of each: one of which it counts none, while it does of another of its kind, is a
 * track that a recorder added and never wrote to.
 */
function isListed(
  streams: FfprobeStream[],
  { format_name: container }: FfprobeOutput['format'],
): (stream: FfprobeStream) => boolean {
  if (!container.split(',').includes('mov')) return () => true
  return ({ codec_type: kind, nb_frames: frames = 0 }) =>
    frames > 0 || !streams.some((other) => other.codec_type === kind && (other.nb_frames ?? 0) > 0)
}

const isUsable = (stream: FfprobeStream): boolean => isReadable(stream) && isPresent(stream)

const isReadable = ({ codec_name: codec = 'unknown' }: FfprobeStream) => ALLOWED_CODECS.has(codec)

const isKnown = ({ codec_name: codec = 'unknown' }: FfprobeStream) => codec !== 'unknown'

/** The codec's name; for a codec that ffmpeg does not know, the four-character tag that the container gives it. */
function codecName({ codec_name: codec = 'unknown', codec_tag_string: tag = '' }: FfprobeStream): string {
  return codec === 'unknown' && /^\w[\w. -]{0,15}$/.test(tag) ? tag : codec
}
