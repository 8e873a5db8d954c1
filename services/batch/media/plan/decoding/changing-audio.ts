import type { Recipe } from '#shared/contract/recipe.ts'
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
  const { recipe, sources, assets, outputDir } = context
  const needsDecoding = (source: ProbedSource) =>
    source.info.audio !== null && !source.decodedAudio && changes(source)
  const used = [
    ...sources.map((source, i) => ({ source, used: { source: i } })),
    ...Object.entries(assets.clips ?? {}).map(([clip, source]) => ({ source, used: { clip } })),
  ].filter(({ source }) => needsDecoding(source))
  // What can be copied need not fit what is encoded: there is no target for it.
  if (used.length === 0 || !chooseTarget(context).audio) return []
  return used.map(({ source, used }) => {
    if ('clip' in used) {
      const trim = { start: 0, duration: shownSeconds(used.clip, recipe), at_most: true }
      const range = trimRange(trim, source.info, 0)
      return { used, source, range, path: `${outputDir}/.decoded-clip-${used.clip}` }
    }
    const range = trimRange(recipe.sources[used.source]?.trim, source.info, used.source)
    return { used, source, range, path: `${outputDir}/.decoded-source-${used.source + 1}` }
  })
}

/** How many seconds of a clip the bumpers show at most. */
export const shownSeconds = (clip: string, { bumper }: Recipe): number =>
  Math.max(...[bumper?.intro, bumper?.outro].map((end) => (end?.clip?.upload_id === clip ? end.seconds : 0)))

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
