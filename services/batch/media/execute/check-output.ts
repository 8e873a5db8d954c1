import { readFile, stat } from 'node:fs/promises'
import { CutroomError } from '#shared/errors.ts'
import type { RunResult } from '../ffmpeg/run-ffmpeg.ts'
import type { Size } from '../plan/geometry.ts'
import type { PlannedOutput } from '../plan/types.ts'
import { jpegSize } from '../probe/jpeg-size.ts'
import { fileInput, type MediaInput } from '../probe/media-input.ts'
import type { RenderDeps, RenderedFile, SentOutput } from '../types.ts'
import { requirePlanned } from './verify.ts'

/**
 * Checks an output against its plan, and describes it. An output that was sent is probed in the store.
 * @throws CutroomError what `requirePlanned` and probing throw; `media.wrong_result` for a file that is missing, empty,
 * or an image of another size.
 */
export async function checkOutput(
  output: PlannedOutput,
  sent: SentOutput | undefined,
  result: RunResult,
  { probe, settings }: Pick<RenderDeps, 'probe' | 'settings'>,
  signal: AbortSignal,
): Promise<RenderedFile> {
  const { name, path, contentType, expected } = output
  const bytes = sent?.bytes ?? (await sizeOf(path))
  if (bytes === 0) throw new CutroomError('media.wrong_result', `${name} came out empty and was discarded.`)
  const file = { name, path, content_type: contentType, bytes, ...(sent && { sent: true as const }) }
  if (output.size) await requireImage(name, path, output.size)
  if (!expected) return { ...file, ...WITHOUT_STREAMS, ...output.size }
  // What was sent would have to be read from the store once more.
  const encodedHere = output.video !== 'copy'
  const found = await (sent
    ? sent.inspect((input: MediaInput) => probe(input, signal, { encodedHere }))
    : probe(fileInput(path), signal, { countPackets: true, encodedHere }))
  requirePlanned({ name, expected }, found, result, settings.limits.outputBytes)
  const { info } = found
  return {
    ...file,
    seconds: info.duration,
    width: info.video?.display_width ?? null,
    height: info.video?.display_height ?? null,
    fps: info.video?.fps ?? null,
    video_codec: info.video?.codec ?? null,
    audio_codec: info.audio?.codec ?? null,
  }
}

/** What an image or a text is not asked about. */
export const WITHOUT_STREAMS = {
  seconds: null,
  width: null,
  height: null,
  fps: null,
  video_codec: null,
  audio_codec: null,
}

const sizeOf = async (path: string): Promise<number> => (await stat(path).catch(() => ({ size: 0 }))).size

async function requireImage(name: string, path: string, { width, height }: Size): Promise<void> {
  const found = jpegSize(await readFile(path))
  if (found?.width === width && found.height === height) return
  const what = found ? `as ${found.width}x${found.height} instead of ${width}x${height}` : 'incomplete'
  throw new CutroomError('media.wrong_result', `${name} came out ${what} and was discarded.`)
}
