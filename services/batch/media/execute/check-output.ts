import { readFile, stat } from 'node:fs/promises'
import { CutroomError } from '#shared/errors.ts'
import type { RenderDeps } from '../engine.ts'
import type { RunResult } from '../ffmpeg/run-ffmpeg.ts'
import type { Loudness } from '../plan/audio-filters.ts'
import type { Size } from '../plan/geometry.ts'
import type { PlannedOutput } from '../plan/types.ts'
import { jpegSize } from '../probe/jpeg-size.ts'
import { fileInput, type MediaInput } from '../probe/media-input.ts'
import type { SentOutput } from './output-streams.ts'
import { requirePlanned } from './verify.ts'

/**
 * A finished, checked output. `path` is where it lies, unless it was `sent`: then nothing lies there, and its
 * bytes are in the store already. Seconds and shown pixels as probed, null where it has none.
 */
export type RenderedFile = {
  name: string
  path: string
  sent?: true
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
 * What an output turned out to be, once it agrees with its plan; looked at where it went when it was sent. Throws
 * what demandPlanned throws, and `media.wrong_result` for a file that is not there, empty, or another picture.
 */
export async function checkOutput(
  output: PlannedOutput,
  sent: SentOutput | undefined,
  ran: RunResult,
  { probe, settings }: Pick<RenderDeps, 'probe' | 'settings'>,
  signal: AbortSignal,
): Promise<RenderedFile> {
  const { name, path, contentType, expected } = output
  const size = sent?.bytes ?? (await sizeOf(path))
  if (size === 0)
    throw new CutroomError('media.wrong_result', `${name} came out empty, so it does not count.`)
  const about = { name, path, content_type: contentType, bytes: size, ...(sent && { sent: true as const }) }
  if (output.size) await demandPicture(name, path, output.size)
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
  const look = (input: MediaInput) => probe(input, signal)
  const made = await (sent ? sent.look(look) : look(fileInput(path)))
  requirePlanned({ ...output, expected }, made, ran, settings.limits.outputBytes)
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

const sizeOf = async (path: string): Promise<number> => (await stat(path).catch(() => ({ size: 0 }))).size

async function demandPicture(name: string, path: string, { width, height }: Size): Promise<void> {
  const made = jpegSize(await readFile(path))
  if (made?.width === width && made.height === height) return
  const found = made ? `${made.width}x${made.height}` : 'no whole picture'
  throw new CutroomError('media.wrong_result', `${name} came out with ${found}, so it does not count.`)
}
