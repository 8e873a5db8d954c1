import type { MediaInfo } from '#shared/contract/media-info.ts'
import type { FfprobeOutput } from './ffprobe-output.ts'

/** How many packets a stream has, and when the first is shown by what the container states: seconds. */
export type StreamPackets = { packets: number; start: number }

/** The packets of the used streams of a file; null for a stream that it lacks. */
export type CountedPackets = { video: StreamPackets | null; audio: StreamPackets | null }

/** What ffprobe counted with `-count_packets`. */
export function countedPackets(
  { streams }: FfprobeOutput,
  { video, audio }: Pick<MediaInfo, 'video' | 'audio'>,
): CountedPackets {
  const of = (used: { index: number } | null): StreamPackets | null => {
    const stream = used && streams.find(({ index }) => index === used.index)
    return stream ? { packets: stream.nb_read_packets ?? 0, start: stream.start_time ?? 0 } : null
  }
  return { video: of(video), audio: of(audio) }
}
