import type { Recipe } from '#shared/contract/recipe.ts'
import type { PlannedOutput } from '../plan/types.ts'
import {
  decodingMs,
  encoderFigures,
  GIF,
  LOUDNESS,
  MB_MS,
  SCALING_MS,
  SOUND,
  SOUND_DECODING,
  STILL,
} from './cost-model.ts'
import type { Encodings } from './encodings.ts'
import { type KeptSource, movingSeconds } from './estimate-size.ts'

const MILLION = 1e6

/**
 * About how many CPU seconds a plan takes:
 * - each kept frame of each source decoded and scaled once, if any picture is encoded at all
 * - each output's frames and sound encoded; streams taken as they are cost nothing here
 * - loudness, when normalized, measured before, applied, and measured in each result
 * - every MB read taken out of its container, every MB written put into one
 */
export function workOf(
  outputs: Map<PlannedOutput, Encodings>,
  recipe: Recipe,
  sources: KeptSource[],
  bytes: number,
): number {
  const made = [...outputs]
  const drawn = made.some(([output, encodings]) => hasNewPicture(output, encodings))
  const heard = made.some(([, { audio }]) => audio && audio.encoder !== 'copy')
  const reading = sources.map((source) => (drawn ? decodingOf(source) : 0) + (heard ? soundOf(source) : 0))
  const encoding = made.map(([output, encodings]) => encodingWork(output, encodings, recipe))
  const measured =
    recipe.audio === 'normalize' ? made.filter(([{ expected }]) => expected?.hasAudio).length + 2 : 0
  const loudness = measured * LOUDNESS * sum(sources.map(({ seconds }) => seconds))
  return sum(reading) + sum(encoding) + loudness + (bytes / MILLION) * (MB_MS / 1000)
}

/** A still picture is one too: it takes the frames before it to get at it. */
const hasNewPicture = ({ expected, size }: PlannedOutput, { video }: Encodings) =>
  size !== undefined || (expected?.hasVideo === true && video?.encoder !== 'copy')

function decodingOf({ info: { video }, seconds }: KeptSource): number {
  if (!video) return 0
  const pixels = video.width * video.height * video.fps * seconds
  return (pixels / MILLION) * ((decodingMs(video.codec) + SCALING_MS) / 1000)
}

const soundOf = ({ info, seconds }: KeptSource) => (info.audio ? SOUND_DECODING * seconds : 0)

function encodingWork({ expected }: PlannedOutput, { video, audio }: Encodings, recipe: Recipe): number {
  if (!expected) return 0
  const { seconds, width, height, fps, hasVideo, hasAudio } = expected
  const moving = movingSeconds(recipe, seconds)
  const pixels = (width ?? 0) * (height ?? 0) * (fps ?? 0) * (moving + STILL * (seconds - moving))
  const ms =
    !hasVideo || video?.encoder === 'copy'
      ? 0
      : video
        ? encoderFigures(video.encoder, video.speed).ms
        : GIF.ms
  const sound = hasAudio ? (SOUND[audio?.encoder ?? ''] ?? 0) * seconds : 0
  return (pixels / MILLION) * (ms / 1000) + sound
}

const sum = (numbers: number[]) => numbers.reduce((total, each) => total + each, 0)
