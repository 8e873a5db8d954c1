import type { AudioInfo, VideoInfo } from '#shared/contract/media-info.ts'
import type { FfprobeStream } from './ffprobe-output.ts'
import { type Orientation, orientationOf, swapsSides } from './orientation.ts'
import { unreadableSource } from './unreadable-source.ts'

/**
 * `isRaw`: the file is nothing but this stream. `hasPts`: whether the container says when frames are shown.
 * @throws CutroomError `media.unreadable` when the stream has no frame size.
 */
export function toVideoInfo(stream: FfprobeStream, { isRaw = false, hasPts = true } = {}): VideoInfo {
  const { width = 0, height = 0 } = stream
  if (width < 1 || height < 1) throw unreadableSource('its video has no frame size')
  const orientation = orientationOf(stream.side_data_list)
  return {
    index: stream.index,
    codec: stream.codec_name ?? 'unknown',
    ...(stream.profile !== undefined && { profile: stream.profile }),
    width,
    height,
    ...displaySize(stream, { width, height }, orientation),
    ...orientation,
    ...(isRaw ? rawFrameRate(stream) : frameRate(stream)),
    ...pixelFormat(stream),
    ...dolbyVision(stream),
    ...(stream.side_data_list.some(isCropping) && { ignored_crop: true }),
    interlaced: isInterlaced(stream),
    ...(!hasPts && stream.has_b_frames && { reordered_frames: stream.has_b_frames }),
    duration: durationOf(stream),
    bit_rate: stream.bit_rate ?? null,
    frames: stream.nb_frames ?? null,
  }
}

/** The values of profile 5, and of 10.0, have a meaning for decoders of Dolby Vision alone; of others, they are HDR10, HLG or SDR too. */
function dolbyVision({ side_data_list }: FfprobeStream): Pick<VideoInfo, 'dolby_vision'> {
  const { dv_profile: profile, dv_bl_signal_compatibility_id: compatible = 0 } =
    side_data_list.find(({ dv_profile }) => dv_profile !== undefined) ?? {}
  return profile === 5 || (profile === 10 && compatible === 0) ? { dolby_vision: profile } : {}
}

const isCropping = ({ side_data_type }: FfprobeStream['side_data_list'][number]) =>
  side_data_type === 'Frame Cropping'

/** null for a stream that states no channels or no sample rate. */
export function toAudioInfo(stream: FfprobeStream): AudioInfo | null {
  const { channels = 0, sample_rate: rate = 0 } = stream
  if (channels < 1 || rate < 1) return null
  return {
    index: stream.index,
    codec: stream.codec_name ?? 'unknown',
    channels,
    sample_rate: rate,
    duration: durationOf(stream),
    bit_rate: stream.bit_rate ?? null,
  }
}

/** Width and height after square pixels and rotation. */
function displaySize(
  { sample_aspect_ratio }: FfprobeStream,
  { width, height }: { width: number; height: number },
  orientation: Orientation,
) {
  const squareWidth = Math.max(1, Math.round(width * (parseRatio(sample_aspect_ratio, ':') || 1)))
  return swapsSides(orientation)
    ? { display_width: height, display_height: squareWidth }
    : { display_width: squareWidth, display_height: height }
}

/** The two rates differ by more than this when frames are not evenly spaced. */
const VARIABLE_RATE_DEVIATION = 0.02

function frameRate(stream: FfprobeStream) {
  const nominal = parseRatio(stream.r_frame_rate)
  const average = averageRate(stream, nominal)
  const variable = isVariable(average, nominal)
  // Of interlaced video, the nominal rate may be that of its fields.
  const hasPeak = variable && isPlausible(nominal) && !isInterlaced(stream)
  return {
    fps: thousandths(variable || isInterlaced(stream) ? average || nominal : evenRate(average, nominal)),
    variable_fps: variable,
    ...(hasPeak && { peak_fps: thousandths(nominal) }),
  }
}

/** Raw video is played at an even rate. Since version 7, ffmpeg's nominal one is that of its fields, of which every frame has two. */
function rawFrameRate(stream: FfprobeStream) {
  const fps = parseRatio(stream.avg_frame_rate) || parseRatio(stream.r_frame_rate)
  return { fps: thousandths(fps), variable_fps: false }
}

/**
 * The rate of evenly spaced frames. The average is a little off where audio or a last frame without a duration decides how
 * long the file is: 29.841 for 30 in fragmented MP4, 30.12 where the last frame lasts 0 s.
 */
function evenRate(average: number, nominal: number): number {
  const isExact = [average, average * 1.001].some((rate) => Math.abs(rate - Math.round(rate)) < 0.005)
  return average > 0 && (isExact || !isPlausible(nominal)) ? average : nominal
}

const thousandths = (fps: number) => Math.round(fps * 1000) / 1000

/** Other nominal rates than those that video is recorded at are a container's time base, such as 1000 or 90000. */
const isPlausible = (nominal: number): boolean =>
  [24, 25, 30, 48, 50, 60].some((rate) => Math.abs(nominal / rate - 1) < 0.002)

const isVariable = (average: number, nominal: number): boolean =>
  average > 0 && nominal > 0 && Math.abs(nominal - average) / average > VARIABLE_RATE_DEVIATION

/**
 * A GIF's delays are whole hundredths of a second, and ffprobe 7 averages the first few alone: 16.667 for 15 frames per
 * second. Its frames are all counted, and have the last word.
 */
function averageRate(stream: FfprobeStream, nominal: number): number {
  const stated = parseRatio(stream.avg_frame_rate)
  const { codec_name: codec, nb_frames: frames = 0, duration = 0 } = stream
  if (codec !== 'gif' || frames === 0 || duration === 0 || !isVariable(stated, nominal)) return stated
  const counted = frames / duration
  return isVariable(counted, nominal) ? counted : nominal
}

/** DV is interlaced, but for the rare 720p; its order is often stated nowhere. Which frames are, the decoder tells the deinterlacer. */
const isInterlaced = ({ field_order: order = 'unknown', codec_name: codec }: FfprobeStream): boolean =>
  ['tt', 'bb', 'tb', 'bt'].includes(order) || (codec === 'dvvideo' && order === 'unknown')

const ALPHA_FORMAT = /^(yuva|rgba|argb|bgra|abgr|gbrap|ya\d|ayuv|pal8)/

/**
 * What capture programs leave over in the 32 bits of a pixel is 0, and no alpha: they write uncompressed RGB without a tag (BI_RGB
 * of AVI) or HuffYUV, whose alpha ffmpeg only guesses from the number of bits.
 */
const isPadding = ({ codec_name: codec, codec_tag_string: tag }: FfprobeStream): boolean =>
  codec === 'huffyuv' || (codec === 'rawvideo' && tag === '[0][0][0][0]')

/** PQ (HDR10) and HLG. */
const HDR_TRANSFERS = ['smpte2084', 'arib-std-b67']

function pixelFormat(stream: FfprobeStream) {
  const { pix_fmt, color_space, color_transfer, color_primaries, tags } = stream
  return {
    pixel_format: pix_fmt ?? 'unknown',
    matrix: color_space && color_space !== 'unknown' ? color_space : null,
    hdr: HDR_TRANSFERS.includes(color_transfer ?? ''),
    transfer: color_transfer ?? null,
    primaries: color_primaries && color_primaries !== 'unknown' ? color_primaries : null,
    // VP8 and VP9 store alpha beside the frames, which only this tag shows.
    alpha: (ALPHA_FORMAT.test(pix_fmt ?? '') && !isPadding(stream)) || tags.alpha_mode === '1',
  }
}

/**
 * How long a stream lasts by what its container states, in seconds; null when it does not. Of a single frame in Matroska, ffprobe
 * states the duration of the whole, and only the tag that of the stream.
 */
export const durationOf = (stream: FfprobeStream): number | null =>
  parseClock(stream.tags.DURATION) ?? stream.duration ?? null

/** "30000/1001" as a number; 0 for "0/0". */
function parseRatio(fraction = '0/0', separator = '/'): number {
  const [numerator = 0, denominator = 1] = fraction.split(separator).map(Number)
  return numerator > 0 && denominator > 0 ? numerator / denominator : 0
}

/** "00:01:02.500000000", as Matroska tags durations, in seconds. */
function parseClock(tag: string | undefined): number | undefined {
  const parts = /^(\d+):(\d\d):(\d\d(?:\.\d+)?)$/.exec(tag ?? '')
  return parts ? Number(parts[1]) * 3600 + Number(parts[2]) * 60 + Number(parts[3]) : undefined
}
