import type { MediaInfo } from '#shared/contract/media-info.ts'
import { type FfprobeStream, parseFfprobeOutput } from './ffprobe-output.ts'
import { requireWithinLimits } from './limits.ts'
import { ALLOWED_CODECS, type MediaLimits } from './media-input.ts'
import { toAudioInfo, toVideoInfo } from './stream-info.ts'
import { unreadableSource, unsupportedFormat } from './unreadable-source.ts'

/**
 * Turns what ffprobe prints (`-print_format json -show_format -show_streams`) into a MediaInfo. Its `duration` is 0
 * when neither the container nor a stream states one.
 * @throws CutroomError `media.unreadable` without a video or audio stream of an allowed codec, `media.limits` when
 * the source exceeds a limit.
 */
export function parseProbe(printed: string, limits: MediaLimits): MediaInfo {
  const { streams, format } = parseFfprobeOutput(printed)
  const videoStream = selectStream(streams, 'video')
  const audioStream = selectStream(streams, 'audio')
  const video = videoStream ? toVideoInfo(videoStream) : null
  const audio = audioStream ? toAudioInfo(audioStream) : null
  if (!video && !audio) throw unreadableSource('it contains neither video nor audio')
  for (const codec of [video?.codec, audio?.codec]) {
    if (codec && !ALLOWED_CODECS.has(codec)) throw unsupportedFormat(`codec ${codec}`)
  }
  const info: MediaInfo = {
    container: format.format_name,
    duration: format.duration ?? Math.max(0, video?.duration ?? 0, audio?.duration ?? 0),
    bytes: format.size ?? null,
    bit_rate: format.bit_rate ?? null,
    streams: format.nb_streams,
    video,
    audio,
  }
  requireWithinLimits(info, limits)
  return info
}

/** The stream that a player would choose: the default one, else the first. Cover art is not video. */
function selectStream(streams: FfprobeStream[], kind: 'video' | 'audio'): FfprobeStream | undefined {
  const candidates = streams.filter((s) => s.codec_type === kind && s.disposition.attached_pic !== 1)
  return candidates.find((s) => s.disposition.default === 1) ?? candidates[0]
}
