import type { MediaInfo } from '#shared/contract/media-info.ts'
import { unreadJoinedFile } from '../unreadable-source.ts'

/** How much of a file may lie behind the last packet of the used streams: a share of it, and bytes. */
const UNREAD = { share: 0.02, bytes: 4096 }

/** What a packet takes of a transport stream, as a multiple of its size. */
const OVERHEAD = 1.1

/**
 * Follows how far into a file the packets of its used streams reach. Streams that begin where these end are not used, such as those of a
 * second transport stream with other PIDs; far into a file, ffmpeg does not even read them. At the header of a second FLV file it
 * stops.
 */
export function trackReach({ container, bytes, streams, video, audio }: Reaching) {
  const used = [video?.index, audio?.index]
  /** Where the packets of other streams begin in the file. */
  const others = new Map<number, number>()
  let reached = 0
  let found = streams
  return {
    /** A packet's place in the file and its size, in bytes; NaN where they are not known. */
    addPacket(index: number, position: number, size: number) {
      if (!used.includes(index)) return void others.set(index, others.get(index) ?? position)
      const end = position + size * OVERHEAD
      if (end > reached) reached = end
    },
    /** How many streams the file turned out to have. */
    setStreams(count: number) {
      found = count
    },
    /**
     * `seconds`: how long what was read lasts.
     * @throws CutroomError `media.unreadable` when much of the file was not read.
     */
    requireWhole(seconds: number) {
      if (bytes === null || reached === 0) return
      const tolerance = Math.max(UNREAD.bytes, bytes * UNREAD.share)
      if (bytes - reached < tolerance) return
      const isFollowed = [...others.values()].some((position) => position > reached - tolerance)
      if (container !== 'flv' && found === streams && !isFollowed) return
      throw unreadJoinedFile(seconds)
    },
  }
}

type Reaching = Pick<MediaInfo, 'container' | 'bytes' | 'streams'> & {
  video: { index: number } | null
  audio: { index: number } | null
}
