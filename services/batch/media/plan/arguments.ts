import type { MediaInfo, VideoInfo } from '#shared/contract/media-info.ts'
import type { Input, Run, RunOutput } from '../ffmpeg/command-line.ts'
import { guardImage, guardSource, type MediaLimits } from '../probe/media-input.ts'
import {
  type AudioEncoding,
  type Matrix,
  type Muxer,
  VIDEO_ENCODERS,
  type VideoEncoding,
} from './encoders.ts'
import { plain } from './filter-graph.ts'
import { perSecond, type Rate, rateText } from './frame-rate.ts'
import { growthInside, growthOver } from './geometry.ts'
import { seekOf, seekOptions, timestampOptions } from './seek.ts'
import type { Timeline } from './timeline.ts'
import type { Canvas, PlannedFile, PlannedRun } from './types.ts'

/** A planned run as ffmpeg gets it. Only here do encodings become arguments. */
export const toRun = ({ inputs, graph, files, seconds }: PlannedRun): Run => ({
  inputs,
  graph,
  files: files.map(toRunOutput),
  seconds,
})

const toRunOutput = ({ path, maps, video, audio, muxer, maxBytes, seconds }: PlannedFile): RunOutput => ({
  path,
  options: [
    ...maps.flatMap((stream) => ['-map', stream]),
    ...videoArguments(video),
    ...audioArguments(audio),
    ...(seconds === undefined ? [] : ['-t', plain(seconds)]),
    ...(maxBytes === null ? [] : [...WITHOUT_METADATA, '-fs', String(maxBytes)]),
    ...muxerArguments(muxer),
  ],
})

// Titles and the places where a source was filmed are private; its chapters no longer fit.
const WITHOUT_METADATA = ['-map_metadata', '-1', '-map_chapters', '-1']

// Players guess the colours of video that carries no tags.
const COLOUR_TAGS: Record<Matrix, string> = { bt709: 'bt709', bt601: 'smpte170m' }

function videoArguments(video: VideoEncoding | 'copy' | null): string[] {
  if (video === null) return []
  if (video === 'copy') return ['-c:v', 'copy']
  if (video.encoder === 'gif') return ['-c:v', 'gif']
  if (video.encoder === 'mjpeg')
    return [
      '-c:v',
      'mjpeg',
      '-q:v',
      '3',
      '-pix_fmt',
      'yuvj420p',
      '-fps_mode',
      'passthrough',
      '-frames:v',
      '1',
    ]
  if (video.encoder === 'rawvideo') {
    return ['-c:v', 'rawvideo', '-pix_fmt', 'yuvj420p', '-fps_mode', 'passthrough']
  }
  const { encoder, quality, pixelFormat, matrix, rate, threads, tag, keyFramesAt } = video
  const colours = COLOUR_TAGS[matrix]
  return [
    ...['-c:v', encoder, ...VIDEO_ENCODERS[encoder].levels[quality].options],
    ...rateArguments(video),
    // Since ffmpeg 7 some filters, setpts among them, leave video without a rate: ffmpeg would take 25 for it.
    ...['-pix_fmt', pixelFormat, '-r', rateText(rate), '-fps_mode', 'cfr'],
    ...['-colorspace', colours, '-color_primaries', colours, '-color_trc', colours, '-color_range', 'tv'],
    ...(tag ? ['-tag:v', tag] : []),
    ...(threads > 0 ? ['-threads', String(threads)] : []),
    ...(keyFramesAt.length > 0
      ? ['-force_key_frames', keyFramesAt.map((at) => momentBefore(at, rate)).join()]
      : []),
  ]
}

/**
 * A moment just before a frame. Its own time in microseconds may lie behind it: ffmpeg 5 takes the nearest frame for a time,
 * but since 6 the next one.
 */
const momentBefore = (seconds: number, rate: Rate): string =>
  plain(Math.max(0, seconds - 0.25 / perSecond(rate)))

function rateArguments({ encoder, rateControl }: Extract<VideoEncoding, { rateControl: object }>): string[] {
  if ('crf' in rateControl)
    // libvpx-vp9 takes crf for a ceiling unless the bit rate is 0.
    return ['-crf', String(rateControl.crf), ...(encoder === 'libvpx-vp9' ? ['-b:v', '0'] : [])]
  const { kbits } = rateControl
  const rate = ['-b:v', `${kbits}k`]
  // SVT-AV1 takes a maximum rate only together with crf.
  if (encoder === 'libsvtav1' || encoder === 'libaom-av1') return rate
  return [...rate, '-maxrate', `${kbits * 1.5}k`, '-bufsize', `${kbits * 2}k`]
}

function audioArguments(audio: AudioEncoding | 'copy' | null): string[] {
  if (audio === null) return []
  if (audio === 'copy') return ['-c:a', 'copy']
  const { encoder, kbits, sampleRate, channels } = audio
  return [
    ...['-c:a', encoder],
    ...(kbits === null ? [] : ['-b:a', `${kbits}k`]),
    ...(sampleRate === null ? [] : ['-ar', String(sampleRate)]),
    ...(channels === null ? [] : ['-ac', String(channels)]),
  ]
}

function muxerArguments(muxer: Muxer): string[] {
  if (muxer.name === 'segment') {
    const { container, startFrames, startsAtZero } = muxer
    return [
      ...['-f', 'segment', '-segment_format', container, '-segment_start_number', '1'],
      ...['-segment_frames', startFrames.join(), '-reset_timestamps', '1'],
      ...(startsAtZero ? ['-avoid_negative_ts', 'disabled'] : []),
    ]
  }
  return [
    ...('faststart' in muxer && muxer.faststart ? ['-movflags', '+faststart'] : []),
    ...['-f', muxer.name],
    ...(muxer.name === 'image2' ? ['-update', '1'] : []),
  ]
}

/** The inputs of a timeline, with the options that guard, decode and seek each. */
export const toInputs = ({ inputs, target: { canvas } }: Timeline, limits: MediaLimits): Input[] =>
  inputs.map((input): Input => {
    const { file } = input
    if (input.kind === 'image') return { source: file.url, options: guardImage(file, limits), image: true }
    if (input.kind === 'audio') {
      const skip = input.skip > 0 ? ['-ss', plain(input.skip)] : []
      return { source: file.url, options: [...file.inputOptions, ...skip] }
    }
    const options = [
      ...guardSource(file, limits, input.info.container),
      ...decoderOptions(input.info, canvas),
      ...timestampOptions(input.times),
      ...seekOptions(seekOf(input)),
    ]
    return { source: file.url, options, ...(input.bumper && { bumper: true as const }) }
  })

// ffmpeg's own decoders of VP8 and VP9 ignore the alpha channel.
const ALPHA_DECODERS: Record<string, string> = { vp8: 'libvpx', vp9: 'libvpx-vp9' }

function decoderOptions({ video, audio }: MediaInfo, canvas: Canvas | null): string[] {
  const decoder = video?.alpha ? ALPHA_DECODERS[video.codec] : undefined
  return [
    '-noautorotate',
    // When video changes its size on the way, ffmpeg would start the whole graph anew, intro and all. The scaler that
    // comes first takes any size.
    ...(video ? ['-reinit_filter:v', '0'] : []),
    ...(audio ? KEEP_AUDIO_FORMAT : []),
    // Before 7.1, ffmpeg does not know what a container wants cropped. Since, frames would have another shape than was probed.
    ...(video?.ignored_crop ? ['-apply_cropping:v', 'codec'] : []),
    // Frames that no other refers to need no deblocking before they are scaled down: H.264 of 1080p is decoded to 360p
    // with 5 % less CPU, at an SSIM of 0.99074 for 0.99076. Skipping it for all frames would cost 0.001.
    ...(video && canvas && isHalved(video, canvas) ? ['-skip_loop_filter', 'noref'] : []),
    ...(decoder ? ['-c:v', decoder] : []),
    ...(video?.x264_build === undefined ? [] : ['-x264_build', String(video.x264_build)]),
  ]
}

/**
 * Audio that changes its channels or sample rate on the way ends the run, which reports the input: its audio is then
 * decoded ahead, and the run repeated. ffmpeg would otherwise start the whole graph anew, intro and all.
 */
export const KEEP_AUDIO_FORMAT = ['-reinit_filter:a', '0']

/** True when video is shown at half its size or smaller. */
function isHalved({ display_width, display_height }: VideoInfo, canvas: Canvas): boolean {
  const growth = canvas.fit === 'pad' ? growthInside : growthOver
  return growth({ width: display_width, height: display_height }, canvas) <= 0.5
}
