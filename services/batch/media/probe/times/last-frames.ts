import type { MediaInfo } from '#shared/contract/media-info.ts'
import type { FfprobeOutput } from '../ffprobe-output.ts'

/**
 * MP4 lists when frames are decoded, and how much later each is shown. The durations of its streams are sums of the former,
 * but B-frames are decoded ahead: a gap before the last few frames of a video is missing from that sum. Where
 * the last packets are looked for, and how they are reordered.
 */
export type ListedFrames = { index: number; start: number; seconds: number; fps: number; delay: number }

/** A packet near the end of a video, in seconds on the container's clock. */
export type LastPacket = { pts: number; dts: number; seconds: number; isDiscarded: boolean }

/** The frames of a video whose end has to be looked up; undefined where the stated one is right or was measured. */
export function listedFrames(
  { format, streams }: FfprobeOutput,
  { video }: Pick<MediaInfo, 'video'>,
): ListedFrames | undefined {
  const stream = video && streams.find(({ index }) => index === video.index)
  if (!stream || !format.format_name.split(',').includes('mov')) return undefined
  const { nb_frames: frames = 0, duration: seconds = 0, has_b_frames: delay = 0 } = stream
  if (frames === 0 || seconds === 0 || delay === 0) return undefined
  return { index: stream.index, start: stream.start_time ?? 0, seconds, fps: frames / seconds, delay }
}

/** Seconds on the container's clock from which on all frames are read that may be shown last. */
export const beforeLastFrames = ({ start, seconds, fps, delay }: ListedFrames): number =>
  start + seconds - (delay + 2) / fps

/** Reading stops here, where frames at the end are far closer to each other than on average. */
const MAX_PACKETS = 300

/** What ffprobe is to print about the packets from `from` on: lines of `pts_time|dts_time|duration_time|flags`. */
export const lastPacketOptions = ({ index }: ListedFrames, from: number): string[] => [
  // Nothing is decoded, so that reading need not start with a key frame.
  ...['-seek2any', '1', '-select_streams', String(index)],
  ...['-read_intervals', `${from.toFixed(6)}%+#${MAX_PACKETS}`],
  ...['-show_entries', 'packet=pts_time,dts_time,duration_time,flags', '-print_format', 'compact=p=0:nk=1'],
]

/** As many packets of all streams are read from the last key frame on. */
const MAX_GROUP_PACKETS = 1500

/**
 * What ffprobe is to print as JSON, beside anything else, about the last key frame of a file's video and all that follows. Nothing
 * need be known of the file, since its MP4 demuxer goes there when it is to seek behind the end.
 */
export const LAST_GROUP_OPTIONS = [
  ...['-read_intervals', `1000000000%+#${MAX_GROUP_PACKETS}`],
  ...['-show_entries', 'packet=stream_index,pts_time,dts_time,duration_time,flags'],
]

/** The packets of the last group; undefined where they are of another video, not the last ones, or too few. */
export function lastGroup(
  { packets }: Pick<FfprobeOutput, 'packets'>,
  listed: ListedFrames,
): LastPacket[] | undefined {
  const own = packets.filter(({ stream_index }) => stream_index === listed.index)
  if (own.length <= listed.delay || packets.length >= MAX_GROUP_PACKETS) return undefined
  return own.map(({ pts_time, dts_time, duration_time, flags }) =>
    toPacket(pts_time, dts_time, duration_time, flags),
  )
}

const toPacket = (pts = '', dts = '', seconds = '', flags = ''): LastPacket => ({
  pts: Number.parseFloat(pts),
  dts: Number.parseFloat(dts),
  seconds: Number.parseFloat(seconds) || 0,
  isDiscarded: flags.includes('D'),
})

export function parseLastPackets(printed: string): LastPacket[] {
  const lines = printed.split('\n').filter((line) => line !== '')
  return lines.map((line) => toPacket(...line.split('|')))
}

/** Where to read from instead when too few packets were found: frames at the end are rarer than on average. */
export function earlierStart(packets: LastPacket[], { delay }: ListedFrames): number | undefined {
  const dts = packets[0]?.dts ?? Number.NaN
  return packets.length > delay || !Number.isFinite(dts) ? undefined : dts - 0.001
}

/**
 * A source whose last frames are shown later than its index sums up to, with the length that follows from them; undefined
 * where the stated one is right.
 */
export function withLastFrames(
  info: MediaInfo,
  packets: LastPacket[],
  { start, seconds, fps }: ListedFrames,
  containerStart: number | undefined = start,
): MediaInfo | undefined {
  const shownFrames = packets.filter(({ isDiscarded, pts }) => !isDiscarded && Number.isFinite(pts))
  const last = shownFrames.toSorted((a, b) => b.pts - a.pts)[0]
  // ffmpeg 9 gives a packet the time until the next is decoded, which is longer than its frame stands.
  const end = last ? last.pts + Math.min(last.seconds, 1 / fps) : Number.NEGATIVE_INFINITY
  if (!info.video || end - start < seconds + 1.5 / fps) return undefined
  const shown = end - start
  return {
    ...info,
    duration: Math.max(info.duration, microseconds(end - containerStart)),
    video: {
      ...info.video,
      duration: microseconds(shown),
      fps: Math.round((fps * seconds * 1000) / shown) / 1000,
      variable_fps: true,
      peak_fps: info.video.peak_fps ?? info.video.fps,
    },
  }
}

const microseconds = (seconds: number) => Math.round(seconds * 1e6) / 1e6
