import { fileInput } from '../../probe/media-input.ts'
import { chooseTarget } from '../target.ts'
import { trimRange } from '../timeline.ts'
import type { PlanContext, ProbedSource, TrimRange } from '../types.ts'
import { hasRawAudio } from './audio-decoding.ts'

/** The audio of a source or bumper clip that is decoded ahead: what range of it, and where to. */
export type AudioDecoding = {
  used: { source: number } | { clip: string }
  source: ProbedSource
  range: TrimRange
  path: string
}

/**
 * The decodings of all sources and bumper clips whose audio is used, `changes`, and has not been decoded yet.
 * @throws CutroomError `media.impossible` when the recipe does not fit its sources.
 */
export function audioDecodings(
  context: PlanContext,
  changes: (source: ProbedSource) => boolean,
): AudioDecoding[] {
  if (!chooseTarget(context).audio) return []
  const { recipe, sources, assets, outputDir } = context
  const ofSources = sources.map((source, i): AudioDecoding => {
    const range = trimRange(recipe.sources[i]?.trim, source.info, i)
    return { used: { source: i }, source, range, path: `${outputDir}/.audio-source-${i + 1}` }
  })
  const ofClips = Object.entries(assets.clips ?? {}).map(([clip, source], i): AudioDecoding => {
    const shown = [recipe.bumper?.intro, recipe.bumper?.outro].filter((end) => end?.clip?.upload_id === clip)
    const seconds = Math.max(0, ...shown.map((end) => end?.seconds ?? 0))
    const range = trimRange({ start: 0, duration: seconds, at_most: true }, source.info, i)
    return { used: { clip }, source, range, path: `${outputDir}/.audio-clip-${i + 1}` }
  })
  return [...ofSources, ...ofClips].filter(
    ({ source }) => source.info.audio && !source.decodedAudio && changes(source),
  )
}

/** The context after a decoding. `seconds`: how much raw audio turned out to last. */
export function withDecodedAudio(
  context: PlanContext,
  { used, source, range, path }: AudioDecoding,
  seconds?: number,
): PlanContext {
  const raw = hasRawAudio(source)
  const decoded: ProbedSource = {
    ...(raw && seconds !== undefined ? withDuration(source, seconds) : source),
    decodedAudio: { file: fileInput(path), from: raw ? 0 : range.start },
  }
  if ('source' in used) {
    return { ...context, sources: context.sources.map((each, i) => (i === used.source ? decoded : each)) }
  }
  const { assets } = context
  return { ...context, assets: { ...assets, clips: { ...assets.clips, [used.clip]: decoded } } }
}

/** Raw audio with a length that was counted in samples. */
const withDuration = (source: ProbedSource, seconds: number): ProbedSource => ({
  ...source,
  times: undefined,
  info: {
    ...source.info,
    duration: seconds,
    audio: source.info.audio && { ...source.info.audio, duration: seconds },
  },
})
