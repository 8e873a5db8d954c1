import type { Recipe } from '#shared/contract/recipe.ts'
import { AUDIO_ENCODERS, GIF, VIDEO_ENCODERS, type VideoEncoding } from '../plan/encoders.ts'
import type { PlannedOutput } from '../plan/types.ts'
import {
  AUDIO_DECODING_S,
  decodingMs,
  LOUDNESS_S,
  MUXING_MS_PER_MB,
  NORMALIZING_S,
  SCALING_MS,
  STILL,
} from './cost-model.ts'
import { type KeptSource, movingSeconds } from './estimate-size.ts'

const MILLION = 1e6

/**
 * About how many CPU seconds a plan takes:
 * - each kept frame of each source decoded and scaled once, when any video is encoded
 * - each output's video and audio encoded; copied streams cost nothing here
 * - loudness, when normalized: measured before, applied, and measured in each result
 * - every byte read demuxed, and every byte written muxed
 */
export function cpuSecondsOf(
  outputs: PlannedOutput[],
  recipe: Recipe,
  sources: KeptSource[],
  bytes: number,
): number {
  const decodesVideo = outputs.some(({ video }) => video && video !== 'copy')
  const decodesAudio = outputs.some(({ audio }) => audio && audio !== 'copy')
  const decoding = sources.map(
    (source) => (decodesVideo ? videoDecoding(source) : 0) + (decodesAudio ? audioDecoding(source) : 0),
  )
  const encoding = outputs.map((output) => videoEncoding(output, recipe) + audioEncoding(output))
  const measured = outputs.filter(({ audio }) => audio).length + 1
  const perSecond = recipe.audio === 'normalize' ? measured * LOUDNESS_S + NORMALIZING_S : 0
  const loudness = perSecond * sum(sources.map(({ seconds }) => seconds))
  return sum(decoding) + sum(encoding) + loudness + (bytes / MILLION) * (MUXING_MS_PER_MB / 1000)
}

function videoDecoding({ info: { video }, seconds }: KeptSource): number {
  if (!video) return 0
  const pixels = video.width * video.height * video.fps * seconds
  return (pixels / MILLION) * ((decodingMs(video.codec) + SCALING_MS) / 1000)
}

const audioDecoding = ({ info, seconds }: KeptSource) => (info.audio ? AUDIO_DECODING_S * seconds : 0)

function videoEncoding({ expected, video }: PlannedOutput, recipe: Recipe): number {
  if (!expected || !video || video === 'copy') return 0
  const { seconds, width, height, fps } = expected
  const moving = movingSeconds(recipe, seconds)
  const pixels = (width ?? 0) * (height ?? 0) * (fps ?? 0) * (moving + STILL * (seconds - moving))
  return (pixels / MILLION) * (msPerMegapixel(video) / 1000)
}

const msPerMegapixel = (video: VideoEncoding): number =>
  'quality' in video ? VIDEO_ENCODERS[video.encoder].levels[video.quality].msPerMegapixel : GIF.msPerMegapixel

const audioEncoding = ({ expected, audio }: PlannedOutput): number =>
  expected && audio && audio !== 'copy' ? AUDIO_ENCODERS[audio.encoder].cpuPerSecond * expected.seconds : 0

const sum = (numbers: number[]) => numbers.reduce((total, each) => total + each, 0)
