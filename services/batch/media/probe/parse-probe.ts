import { z } from 'zod'
import type { AudioInfo, MediaInfo, VideoInfo } from '#shared/contract/media-info.ts'
import { CutroomError } from '#shared/errors.ts'
import { CODECS, type MediaLimits } from './media-input.ts'
import { orientationOf, swapsSides } from './orientation.ts'

const text = z.string().optional()
const numeric = z.coerce.number().finite().optional().catch(undefined)

const Stream = z.object({
  index: z.number().int(),
  codec_type: text,
  codec_name: text,
  width: numeric,
  height: numeric,
  sample_aspect_ratio: text,
  pix_fmt: text,
  field_order: text,
  color_space: text,
  color_transfer: text,
  r_frame_rate: text,
  avg_frame_rate: text,
  duration: numeric,
  bit_rate: numeric,
  nb_frames: numeric,
  channels: numeric,
  sample_rate: numeric,
  disposition: z.record(z.string(), z.number()).default({}),
  tags: z.record(z.string(), z.string()).default({}),
  side_data_list: z.array(z.object({ rotation: numeric, displaymatrix: text })).default([]),
})
type Stream = z.infer<typeof Stream>

const Printed = z.object({
  streams: z.array(Stream).default([]),
  format: z.object({
    format_name: z.string(),
    duration: numeric,
    size: numeric,
    bit_rate: numeric,
    nb_streams: z.number().int(),
  }),
})

/**
 * What ffprobe printed (`-print_format json -show_format -show_streams`) as a MediaInfo; `duration` is 0 when
 * the file tells of none. Throws `media.unreadable` when there is neither picture nor sound of a known codec,
 * `media.limits` when either is beyond the limits.
 */
export function parseProbe(printed: string, limits: MediaLimits): MediaInfo {
  const { streams, format } = understand(printed)
  const video = describeVideo(pick(streams, 'video'))
  const audio = describeAudio(pick(streams, 'audio'))
  if (!video && !audio) throw unreadable('it holds neither picture nor sound')
  for (const codec of [video?.codec, audio?.codec]) {
    if (codec && !CODECS.has(codec)) throw unreadable(`its codec, ${codec}, is not read here`)
  }
  const duration = format.duration ?? Math.max(0, video?.duration ?? 0, audio?.duration ?? 0)
  const info: MediaInfo = {
    container: format.format_name,
    duration,
    bytes: format.size ?? null,
    bit_rate: format.bit_rate ?? null,
    streams: format.nb_streams,
    video,
    audio,
  }
  requireWithinLimits(info, limits)
  return info
}

function understand(printed: string) {
  try {
    return Printed.parse(JSON.parse(printed))
  } catch (cause) {
    throw new CutroomError('media.unreadable', 'The source was probed and nothing could be made of it.', {
      cause,
    })
  }
}

const unreadable = (why: string) => new CutroomError('media.unreadable', `The source cannot be used: ${why}.`)

/** Throws `media.limits` when the medium is more than may be decoded. */
export function requireWithinLimits({ duration, streams, video }: MediaInfo, limits: MediaLimits): void {
  const beyond = (what: string) =>
    new CutroomError('media.limits', `The source is beyond the limits: ${what}.`)
  if (duration > limits.seconds) throw beyond(`${Math.round(duration)} s, of at most ${limits.seconds} s`)
  if (streams > limits.streams) throw beyond(`${streams} streams, of at most ${limits.streams}`)
  if (video && video.width * video.height > limits.pixels)
    throw beyond(`a picture of ${video.width}x${video.height}, of at most ${limits.pixels} pixels`)
  // Very wide pixels make a small picture a huge one.
  if (video && video.display_width * video.display_height > limits.pixels)
    throw beyond(`a picture shown as ${video.display_width}x${video.display_height}`)
}

/** The stream a player would choose: the default one, else the first. Cover art is no video. */
function pick(streams: Stream[], kind: 'video' | 'audio'): Stream | undefined {
  const ofKind = streams.filter((s) => s.codec_type === kind && s.disposition.attached_pic !== 1)
  return ofKind.find((s) => s.disposition.default === 1) ?? ofKind[0]
}

/** "30000/1001" as a number; 0 for "0/0". */
function ratio(fraction = '0/0', separator = '/'): number {
  const [top = 0, bottom = 1] = fraction.split(separator).map(Number)
  return top > 0 && bottom > 0 ? top / bottom : 0
}

/** "00:01:02.500000000", as Matroska tags durations, in seconds. */
function clock(tag: string | undefined): number | undefined {
  const parts = /^(\d+):(\d\d):(\d\d(?:\.\d+)?)$/.exec(tag ?? '')
  return parts ? Number(parts[1]) * 3600 + Number(parts[2]) * 60 + Number(parts[3]) : undefined
}

const ownDuration = (stream: Stream) => stream.duration ?? clock(stream.tags.DURATION) ?? null

const ALPHA = /^(yuva|rgba|argb|bgra|abgr|gbrap|ya\d|ayuv|pal8)/

function describeVideo(stream: Stream | undefined): VideoInfo | null {
  if (!stream) return null
  const { width = 0, height = 0 } = stream
  if (width < 1 || height < 1) throw unreadable('its picture has no size')
  const average = ratio(stream.avg_frame_rate)
  const nominal = ratio(stream.r_frame_rate)
  const fps = average || nominal
  const { rotation, mirrored } = orientationOf(stream.side_data_list)
  const shownWidth = Math.max(1, Math.round(width * (ratio(stream.sample_aspect_ratio, ':') || 1)))
  const onItsSide = swapsSides({ rotation, mirrored })
  const transfer = stream.color_transfer ?? null
  return {
    index: stream.index,
    codec: stream.codec_name ?? 'unknown',
    width,
    height,
    display_width: onItsSide ? height : shownWidth,
    display_height: onItsSide ? shownWidth : height,
    rotation,
    mirrored,
    fps: Math.round(fps * 1000) / 1000,
    // Both rates agree when frames are evenly spaced.
    variable_fps: average > 0 && nominal > 0 && Math.abs(nominal - average) / average > 0.02,
    pixel_format: stream.pix_fmt ?? 'unknown',
    matrix: stream.color_space && stream.color_space !== 'unknown' ? stream.color_space : null,
    hdr: transfer === 'smpte2084' || transfer === 'arib-std-b67',
    transfer,
    interlaced: ['tt', 'bb', 'tb', 'bt'].includes(stream.field_order ?? ''),
    // VP8 and VP9 keep their transparency beside the picture, where only the tag tells of it.
    alpha: ALPHA.test(stream.pix_fmt ?? '') || stream.tags.alpha_mode === '1',
    duration: ownDuration(stream),
    bit_rate: stream.bit_rate ?? null,
    frames: stream.nb_frames ?? null,
  }
}

function describeAudio(stream: Stream | undefined): AudioInfo | null {
  if (!stream) return null
  const { channels = 0, sample_rate: rate = 0 } = stream
  if (channels < 1 || rate < 1) return null
  return {
    index: stream.index,
    codec: stream.codec_name ?? 'unknown',
    channels,
    sample_rate: rate,
    duration: ownDuration(stream),
    bit_rate: stream.bit_rate ?? null,
  }
}
