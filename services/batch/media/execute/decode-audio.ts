import { rm } from 'node:fs/promises'
import type { MediaInfo, MediaWarning } from '#shared/contract/media-info.ts'
import { AudioChange } from '../ffmpeg/failed-inputs.ts'
import {
  changesAudio,
  DECODED_BYTES_PER_SECOND,
  hasRawAudio,
  planAudioDecoding,
} from '../plan/decoding/audio-decoding.ts'
import { type AudioDecoding, audioDecodings, withDecodedAudio } from '../plan/decoding/changing-audio.ts'
import type { PlanContext, ProbedSource } from '../plan/types.ts'
import { fileInput } from '../probe/media-input.ts'
import type { MediaFiles, RenderDeps, RenderOptions } from '../types.ts'
import { requireFreeSpace } from './free-space.ts'
import { runPlan } from './run-plan.ts'

type Options = Pick<RenderOptions, 'signal' | 'deadlineMs' | 'onProgress'>

/** The context of a dry run, in which audio that is known to change counts as decoded. */
export const expectDecodedAudio = (context: PlanContext): PlanContext =>
  audioDecodings(context, changesAudio).reduce(
    (changed, decoding) => withDecodedAudio(changed, decoding),
    context,
  )

/**
 * Decodes the audio of every source and bumper clip that is known to change its channels or sample rate.
 * @throws CutroomError what running throws, and `media.no_free_space`.
 */
export const decodeKnownChanges = (
  context: PlanContext,
  files: MediaFiles,
  deps: RenderDeps,
  options: Options,
): Promise<PlanContext> => decodeAll(context, audioDecodings(context, changesAudio), files, deps, options)

/**
 * Decodes the audio whose change ended a run with this error. Undefined when that was not the reason, or the audio has
 * been decoded already.
 * @throws CutroomError what running throws, and `media.no_free_space`.
 */
export async function decodeAfterFailure(
  error: unknown,
  context: PlanContext,
  files: MediaFiles,
  deps: RenderDeps,
  options: Options,
): Promise<PlanContext | undefined> {
  const change = audioChangeIn(error)
  if (!change) return undefined
  const decodings = audioDecodings(context, ({ input }) => input.url === change.source)
  if (decodings.length === 0) return undefined
  deps.log.debug('audio changes its format on the way, decoding it ahead', { count: decodings.length })
  return decodeAll(context, decodings, files, deps, options)
}

/** The change of audio that caused an error, if one did. */
export function audioChangeIn(error: unknown): AudioChange | undefined {
  if (error instanceof AudioChange) return error
  return error instanceof Error ? audioChangeIn(error.cause) : undefined
}

/** Removes the audio that was decoded. */
export async function removeDecodedAudio({ sources, assets }: PlanContext): Promise<void> {
  const decoded = [...sources, ...Object.values(assets.clips ?? {})].flatMap(
    (each) => each.decodedAudio ?? [],
  )
  await Promise.all(decoded.map(({ file }) => rm(file.url.replace(/^file:/, ''), { force: true })))
}

async function decodeAll(
  context: PlanContext,
  decodings: AudioDecoding[],
  files: MediaFiles,
  deps: RenderDeps,
  { onProgress = () => {}, ...options }: Options,
): Promise<PlanContext> {
  let changed = context
  for (const [i, decoding] of decodings.entries()) {
    const report = (percent: number) => onProgress(Math.floor((100 * i + percent) / decodings.length))
    const decoded = { ...decoding, source: warnedOf(decoding.source) }
    const seconds = await decode(decoded, context, files, deps, { ...options, onProgress: report })
    changed = withDecodedAudio(changed, decoded, seconds)
  }
  return changed
}

/** Decodes audio, and returns how many seconds of it there are when that had to be counted. */
async function decode(
  { used, source, range, path }: AudioDecoding,
  { limits, outputDir }: PlanContext,
  files: MediaFiles,
  deps: RenderDeps,
  options: Options,
): Promise<number | undefined> {
  const raw = hasRawAudio(source)
  const seconds = raw ? source.info.duration : range.seconds
  await requireFreeSpace(outputDir, seconds * DECODED_BYTES_PER_SECOND)
  await runPlan(planAudioDecoding(source, range, path, limits, 'clip' in used), files, deps, options)
  return raw ? (await deps.probe(fileInput(path), options.signal)).info.duration : undefined
}

const CHANGES_SOMEWHERE: MediaWarning = {
  code: 'parameters_change',
  message: 'Its audio changes its channels or sample rate on the way; all of it is brought to one format.',
}

/** The source with a warning of its change, unless measuring has already found it. */
function warnedOf(source: ProbedSource): ProbedSource {
  if (changesAudio(source)) return source
  const info: MediaInfo = { ...source.info, warnings: [...(source.info.warnings ?? []), CHANGES_SOMEWHERE] }
  return { ...source, info }
}
