import { formatOf } from '#shared/contract/formats.ts'
import type { MediaInfo } from '#shared/contract/media-info.ts'
import type { Output, Recipe } from '#shared/contract/recipe.ts'
import type { Run } from '../ffmpeg/command-line.ts'
import { guardSource } from '../probe/media-input.ts'
import { silence } from './audio-filters.ts'
import { ANONYMOUS, audioOptions, muxerOptions } from './encoders.ts'
import type { ProbedSource } from './layout.ts'
import type { Plan, PlanOptions } from './types.ts'

type Format = Output['format']

// What each container takes, and nearly every player of it plays.
const PICTURES: Partial<Record<Format, string[]>> = {
  mp4: ['h264'],
  mov: ['h264'],
  mkv: ['h264', 'hevc', 'av1', 'vp9', 'vp8'],
  webm: ['vp9', 'vp8', 'av1'],
}
const SOUNDS: Partial<Record<Format, string[]>> = {
  mp4: ['aac'],
  mov: ['aac'],
  mkv: ['aac', 'opus', 'mp3', 'vorbis', 'flac', 'ac3', 'eac3'],
  webm: ['opus', 'vorbis'],
  m4a: ['aac'],
  mp3: ['mp3'],
  ogg: ['opus', 'vorbis'],
}

/**
 * A plan that takes streams as they are, when the recipe asks for nothing but another container and they fit;
 * undefined when something has to be encoded after all. Sound that does not fit is encoded beside a picture
 * that does; a silent clip gets its silence here too.
 */
export function planRemux(
  recipe: Recipe,
  outputs: Output[],
  sources: ProbedSource[],
  options: PlanOptions,
): (Omit<Plan, 'runs'> & { runs: Run[] }) | undefined {
  const [output] = outputs
  const [source] = sources
  if (!output || !source || outputs.length > 1 || sources.length > 1 || asksForMore(recipe)) return undefined
  const { info, input } = source
  const { kind, contentType } = formatOf(output.format)
  const soundFits = info.audio !== null && takesSound(output, info)
  if (kind === 'silent' || (kind === 'audio' ? !soundFits : !takesPicture(output, info))) return undefined
  const audible = kind === 'audio' || recipe.audio === 'keep'
  const name = `${output.name ?? 'output'}.${output.format}`
  const path = `${options.outputDir}/${name}`
  const run: Run = {
    inputs: [{ source: input.url, options: guardSource(input, options.limits) }],
    graph: audible && !info.audio ? `${silence(Math.round(info.duration * 48_000), STEREO).join()}[a]` : '',
    files: [
      {
        path,
        options: [
          ...(kind === 'audio' ? [] : ['-map', `0:${info.video?.index}`, '-c:v', 'copy']),
          ...(audible ? ['-map', info.audio ? `0:${info.audio.index}` : '[a]'] : []),
          ...(audible ? (soundFits ? ['-c:a', 'copy'] : audioOptions(output, info.audio?.channels)) : []),
          ...ANONYMOUS,
          ...['-fs', String(options.limits.outputBytes)],
          ...muxerOptions(output),
        ],
      },
    ],
    seconds: info.duration,
  }
  const picture = kind === 'audio' ? null : info.video
  const expected = {
    seconds: info.duration,
    width: picture?.width ?? null,
    height: picture?.height ?? null,
    fps: null,
    hasVideo: picture !== null,
    hasAudio: audible,
    videoCodec: picture?.codec,
    audioCodec: audible && soundFits ? info.audio?.codec : undefined,
  }
  return {
    runs: [run],
    // Should the copy turn out to be no good, it must not be in the store before it is encoded after all.
    outputs: [{ name, path, contentType, expected, streams: false }],
    texts: [],
    scratch: [],
    copies: true,
  }
}

const STEREO = { rate: 48_000, channels: 2 } as const

/** True when a recipe wants more than another container. */
const asksForMore = (recipe: Recipe): boolean =>
  Boolean(recipe.split || recipe.frame || recipe.bumper || recipe.watermark || recipe.thumbnails) ||
  recipe.audio === 'normalize' ||
  recipe.sources.some(({ trim }) => trim)

function takesPicture(output: Output, { video }: MediaInfo): boolean {
  if (!video || output.quality || output.crf !== undefined || output.bitrate || output.width || output.fps)
    return false
  const codecs = output.codec ? [output.codec as string] : (PICTURES[output.format] ?? [])
  const keepsTurn = output.format === 'mp4' || output.format === 'mov'
  const everywhere = output.format === 'mkv' || (video.pixel_format === 'yuv420p' && !video.hdr)
  return (
    codecs.includes(video.codec) &&
    ((video.rotation === 0 && !video.mirrored) || keepsTurn) &&
    everywhere &&
    !video.interlaced
  )
}

const takesSound = (output: Output, { audio }: MediaInfo): boolean =>
  Boolean(audio) &&
  !(output.quality || output.audio_bitrate || output.sample_rate || output.channels) &&
  (SOUNDS[output.format] ?? []).includes(audio?.codec ?? '')
