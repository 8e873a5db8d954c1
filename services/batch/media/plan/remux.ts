import { formatOf } from '#shared/contract/formats.ts'
import type { AudioInfo, MediaInfo, VideoInfo } from '#shared/contract/media-info.ts'
import { hasParts, type Output, type Recipe } from '#shared/contract/recipe.ts'
import { guardSource } from '../probe/media-input.ts'
import type { TimeMap } from '../probe/times/time-map.ts'
import { KEEP_AUDIO_FORMAT } from './arguments.ts'
import { type AudioEncoding, chooseAudioEncoding, MUXERS } from './encoders.ts'
import { createFilterGraph } from './filter-graph.ts'
import { SHORTEST_GAP_S, silence } from './filters/audio-filters.ts'
import { mixChannels } from './filters/channel-mix.ts'
import { fileName } from './outputs.ts'
import { timestampOptions } from './seek.ts'
import type { Encodings, Expected, Plan, PlanContext, PlannedFile, ProbedSource } from './types.ts'

type Format = Output['format']

// The codecs that each container takes, and that nearly every player of it plays.
const VIDEO_CODECS: Partial<Record<Format, string[]>> = {
  mp4: ['h264'],
  mov: ['h264'],
  mkv: ['h264', 'hevc', 'av1', 'vp9', 'vp8'],
  webm: ['vp9', 'vp8', 'av1'],
}
const AUDIO_CODECS: Partial<Record<Format, string[]>> = {
  mp4: ['aac'],
  mov: ['aac'],
  mkv: ['aac', 'opus', 'mp3', 'vorbis', 'flac', 'ac3', 'eac3'],
  webm: ['opus', 'vorbis'],
  m4a: ['aac'],
  mp3: ['mp3'],
  ogg: ['opus', 'vorbis'],
}

/**
 * A plan that copies streams, when the recipe asks for nothing but another container and they fit it; null when
 * something must be encoded. Audio that does not fit is encoded beside video that does; a silent clip gets its silence
 * here too.
 */
export function planRemux({ recipe, outputs, sources, outputDir, limits }: PlanContext): Plan | null {
  const [output, ...otherOutputs] = outputs
  const [source, ...otherSources] = sources
  if (!output || !source || otherOutputs.length + otherSources.length > 0 || changesContent(recipe))
    return null
  const { info, input } = source
  const encodings = chooseStreams(recipe, output, source)
  if (!encodings) return null
  const name = fileName(output)
  const path = `${outputDir}/${name}`
  const { graph, maps } = mapStreams(encodings, source)
  const file: PlannedFile = {
    ...encodings,
    path,
    maps,
    muxer: MUXERS[output.format],
    maxBytes: limits.outputBytes,
  }
  const audioFormat = encodings.audio && encodings.audio !== 'copy' && info.audio ? KEEP_AUDIO_FORMAT : []
  const inputs = [
    {
      source: input.url,
      options: [
        ...guardSource(input, limits, info.container),
        ...timestampOptions(source.times),
        ...audioFormat,
      ],
    },
  ]
  const { contentType } = formatOf(output.format)
  return {
    runs: [{ inputs, graph, files: [file], seconds: info.duration }],
    // Never sent while it is being written: a copy that turns out unusable must not be in the store yet.
    outputs: [
      { ...encodings, name, path, contentType, expected: expectedOf(encodings, info), streams: false },
    ],
    texts: [],
    scratch: [],
  }
}

/** True when a recipe asks for more than another container. */
const changesContent = (recipe: Recipe): boolean =>
  Boolean(hasParts(recipe) || recipe.frame || recipe.bumper || recipe.watermark || recipe.thumbnails) ||
  recipe.audio === 'normalize' ||
  recipe.sources.some(({ trim }) => trim)

/** What becomes of the streams; null when the stream that matters most does not fit. */
function chooseStreams(
  recipe: Recipe,
  output: Output,
  { info, times, decodedAudio }: ProbedSource,
): Encodings | null {
  const { kind } = formatOf(output.format)
  // Few players take audio that changes its format in the middle of a file, and copied video has its timestamps of old:
  // where files were joined, encoded audio would be up to 0.1 s early or late.
  if (decodedAudio) return null
  const audioFits = fitsAudio(output, info)
  if (kind === 'silent') return null
  if (kind === 'audio') return audioFits ? { video: null, audio: 'copy' } : null
  if (!fitsVideo(output, info) || changesVideo(times)) return null
  if (recipe.audio !== 'keep') return { video: 'copy', audio: null }
  return { video: 'copy', audio: audioFits ? 'copy' : chooseAudioEncoding(output, info.audio?.channels ?? 2) }
}

function fitsVideo(output: Output, { video }: MediaInfo): boolean {
  if (!video || output.quality || output.crf !== undefined || output.bitrate || output.width || output.fps) {
    return false
  }
  const codecs = output.codec ? [output.codec as string] : (VIDEO_CODECS[output.format] ?? [])
  const keepsRotation = output.format === 'mp4' || output.format === 'mov'
  const playsEverywhere = output.format === 'mkv' || (video.pixel_format === 'yuv420p' && !video.hdr)
  return (
    codecs.includes(video.codec) &&
    ((video.rotation === 0 && !video.mirrored) || keepsRotation) &&
    playsEverywhere &&
    !video.interlaced
  )
}

const changesVideo = (times: TimeMap | undefined): boolean =>
  times?.changes.some(({ kind }) => kind === 'video') ?? false

const fitsAudio = (output: Output, { audio }: MediaInfo): boolean =>
  audio !== null &&
  !(output.quality || output.audio_bitrate || output.sample_rate || output.channels) &&
  (AUDIO_CODECS[output.format] ?? []).includes(audio.codec)

/** The streams of the file: those of the source, and generated silence where it has no audio. */
function mapStreams(encodings: Encodings, { info, times }: ProbedSource): { graph: string; maps: string[] } {
  const graph = createFilterGraph()
  const video = encodings.video && graph.input(0, 'video', info.video?.index)
  const audio =
    encodings.audio &&
    (info.audio
      ? graph.chain(
          [graph.input(0, 'audio', info.audio.index)],
          audioFilters(encodings.audio, info.audio, times),
        )
      : graph.source('audio', silence(Math.round(info.duration * STEREO.rate), STEREO)))
  const maps = [video, audio].filter((label) => label !== null).map((label) => graph.map(label))
  return { graph: graph.toString(), maps }
}

/** The filters of audio that is encoded with another number of channels than it has, or whose timestamps jump. */
function audioFilters(
  encoding: AudioEncoding | 'copy',
  source: AudioInfo,
  times: TimeMap | undefined,
): string[] {
  if (encoding === 'copy') return []
  const jumps = times?.continuous === false
  const resample = jumps ? `aresample=async=1:min_hard_comp=${SHORTEST_GAP_S}:first_pts=0` : 'aresample'
  const { channels } = encoding
  if ((channels === 1 || channels === 2) && channels !== source.channels) {
    return mixChannels(source, channels, resample)
  }
  return jumps ? [resample] : []
}

const STEREO = { rate: 48_000, channels: 2 } as const

const expectedOf = ({ video, audio }: Encodings, info: MediaInfo): Expected => ({
  seconds: info.duration,
  frames: video && info.video && copiedFrames(info.video),
  width: (video && info.video?.width) ?? null,
  height: (video && info.video?.height) ?? null,
  fps: null,
  hasVideo: video !== null,
  hasAudio: audio !== null,
  videoCodec: video ? info.video?.codec : undefined,
  audioCodec: audio === 'copy' ? info.audio?.codec : undefined,
})

/** Frames that the start or the end of a copy may cost. */
const COPY_TOLERANCE = 2

/** The frames of video that is copied. MP4 may list more than its edit list shows: these do not count. */
function copiedFrames({ frames, fps, duration }: VideoInfo): Expected['frames'] {
  if (frames === null || duration === null || Math.abs(frames - fps * duration) > COPY_TOLERANCE) return null
  return { count: frames, tolerance: COPY_TOLERANCE }
}
