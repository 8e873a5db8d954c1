import type { MediaWarning } from '#shared/contract/media-info.ts'
import type { FfprobeStream } from './ffprobe-output.ts'

const enumerate = new Intl.ListFormat('en', { type: 'conjunction' })

type IsReadable = (stream: FfprobeStream) => boolean

/** A warning when a file has audio tracks besides the one of index `used`; nothing otherwise. */
export function ignoredAudio(streams: FfprobeStream[], used: number, isReadable: IsReadable): MediaWarning[] {
  const tracks = streams.filter((stream) => stream.codec_type === 'audio')
  const message = ignoredTracks('audio', tracks, used, isReadable)
  return message ? [{ code: 'audio_track_ignored', message }] : []
}

/** A warning when video tracks come before the one of index `used` that could not be read; nothing otherwise. */
export function skippedVideo(streams: FfprobeStream[], used: number, isReadable: IsReadable): MediaWarning[] {
  const tracks = streams.filter(
    (stream) => stream.codec_type === 'video' && stream.disposition.attached_pic !== 1,
  )
  const isSkipped = tracks.some((stream) => stream.index < used && !isReadable(stream))
  const message = isSkipped && ignoredTracks('video', tracks, used, isReadable)
  return message ? [{ code: 'video_track_ignored', message }] : []
}

function ignoredTracks(
  kind: 'video' | 'audio',
  tracks: FfprobeStream[],
  used: number,
  isReadable: IsReadable,
) {
  const ignored = tracks.filter(({ index }) => index !== used)
  if (ignored.length === 0) return undefined
  const names = new Map(tracks.map((track) => [track.index, trackName(track, isReadable(track))]))
  const others = enumerate.format(ignored.map(({ index }) => names.get(index) ?? ''))
  return (
    `It has ${tracks.length} ${kind} tracks: ${names.get(used)} is used, and ` +
    `${others} ${ignored.length === 1 ? 'is' : 'are'} ignored.`
  )
}

/** "stream 2 (deu)": the track's index, language, and whether its codec is supported. */
function trackName({ index, tags: { language } }: FfprobeStream, readable: boolean): string {
  const details = [
    ...(language && language !== 'und' ? [language] : []),
    ...(readable ? [] : ['unsupported codec']),
  ]
  return details.length > 0 ? `stream ${index} (${details.join('; ')})` : `stream ${index}`
}
