import { stat } from 'node:fs/promises'
import { CutroomError } from '#shared/errors.ts'
import type { MakeDeps } from './make.ts'
import { fileInput } from './media-input.ts'
import type { PlannedOutput } from './plan-types.ts'
import type { Ran } from './run.ts'
import type { Loudness } from './sounds.ts'
import { demandPlanned } from './verify.ts'

/** A finished, checked output. `path` is where it lies; seconds and shown pixels as probed, null where it has none. */
export type Made = {
  name: string
  path: string
  content_type: string
  bytes: number
  seconds: number | null
  width: number | null
  height: number | null
  fps: number | null
  video_codec: string | null
  audio_codec: string | null
  /** Measured in the file, when the recipe normalized it; null for silence. */
  loudness?: Loudness | null
}

/**
 * What an output turned out to be, once it agrees with its plan. Throws what demandPlanned throws, and
 * `media.wrong_result` for a file that is not there or empty.
 */
export async function checkOutput(
  output: PlannedOutput,
  ran: Ran,
  { probe, settings }: Pick<MakeDeps, 'probe' | 'settings'>,
  signal: AbortSignal,
): Promise<Made> {
  const { name, path, contentType, expected } = output
  const { size } = await stat(path).catch(() => ({ size: 0 }))
  if (size === 0)
    throw new CutroomError('media.wrong_result', `${name} came out empty, so it does not count.`)
  const about = { name, path, content_type: contentType, bytes: size }
  if (!expected)
    return {
      ...about,
      seconds: null,
      width: output.size?.width ?? null,
      height: output.size?.height ?? null,
      fps: null,
      video_codec: null,
      audio_codec: null,
    }
  const made = await probe(fileInput(path), signal)
  demandPlanned({ ...output, expected }, made, ran, settings.limits.outputBytes)
  return {
    ...about,
    seconds: made.duration,
    width: made.video?.display_width ?? null,
    height: made.video?.display_height ?? null,
    fps: made.video?.fps ?? null,
    video_codec: made.video?.codec ?? null,
    audio_codec: made.audio?.codec ?? null,
  }
}
