import type { MediaInfo } from '#shared/contract/media-info.ts'
import type { FfprobeStream } from './ffprobe-output.ts'

const enumerate = new Intl.ListFormat('en', { type: 'conjunction' })

/** A warning when a file has audio tracks besides the one of index `used`; nothing otherwise. */
export function ignoredAudio(
  streams: FfprobeStream[],
  used: number,
  isReadable: (stream: FfprobeStream) => boolean,
): Pick<MediaInfo, 'warnings'> {
  const tracks = streams.filter((stream) => stream.codec_type === 'audio')
  const ignored = tracks.filter(({ index }) => index !== used)
  if (ignored.length === 0) return {}
  const names = new Map(tracks.map((track) => [track.index, trackName(track, isReadable(track))]))
  const others = enumerate.format(ignored.map(({ index }) => names.get(index) ?? ''))
  const message =
    `It has ${tracks.length} audio tracks: ${names.get(used)} is used, and ` +
    `${others} ${ignored.length === 1 ? 'is' : 'are'} ignored.`
  return { warnings: [{ code: 'audio_track_ignored', message }] }
}

/** "stream 2 (deu)": the track's index, language, and whether its codec is supported. */
function trackName({ index, tags: { language } }: FfprobeStream, readable: boolean): string {
  const details = [
    ...(language && language !== 'und' ? [language] : []),
    ...(readable ? [] : ['unsupported codec']),
  ]
  return details.length > 0 ? `stream ${index} (${details.join('; ')})` : `stream ${index}`
}
