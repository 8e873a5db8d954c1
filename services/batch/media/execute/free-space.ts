import { statfs } from 'node:fs/promises'
import { CutroomError } from '#shared/errors.ts'
import type { Expected, Plan } from '../plan/types.ts'

// Of a usual picture in a usual quality: x264 veryfast at crf 22 takes 0.08 bits of a pixel, a GIF 2.9.
const BITS_PER_PIXEL = 0.08
const GIF_BITS_PER_PIXEL = 2.9
const SOUND_BYTES_PER_SECOND = 16_000
/** 48,000 samples of two channels, two bytes each. */
const PCM_BYTES_PER_SECOND = 192_000
const PICTURE_BYTES = 200_000

/**
 * About how many bytes of scratch space a plan takes: what is expected rather than what is possible, so that
 * nothing is refused that would have fitted. Files between runs take the room of their outputs once more.
 * Outputs that are sent on while they are made take none.
 */
export function roomFor(plan: Pick<Plan, 'outputs' | 'scratch'>, sends: boolean, maxBytes: number): number {
  const kept = plan.outputs.filter(({ streams }) => !(sends && streams))
  const sum = kept.reduce(
    (bytes, { name, expected }) =>
      bytes + (expected ? Math.min(bytesOf(name, expected), maxBytes) : PICTURE_BYTES),
    0,
  )
  return Math.ceil(plan.scratch.length > 0 ? sum * 2 : sum)
}

function bytesOf(name: string, { seconds, width, height, fps, hasAudio }: Expected): number {
  const bits = name.endsWith('.gif') ? GIF_BITS_PER_PIXEL : BITS_PER_PIXEL
  const sound = name.endsWith('.wav') ? PCM_BYTES_PER_SECOND : SOUND_BYTES_PER_SECOND
  return seconds * ((((width ?? 0) * (height ?? 0) * (fps ?? 30)) / 8) * bits + (hasAudio ? sound : 0))
}

/** Throws `media.no_free_space` when the scratch space has less room than a plan is expected to take. */
export async function requireFreeSpace(
  plan: Pick<Plan, 'outputs' | 'scratch'>,
  sends: boolean,
  dir: string,
  maxBytes: number,
): Promise<void> {
  const needed = roomFor(plan, sends, maxBytes)
  const { bavail, bsize } = await statfs(dir)
  const free = bavail * bsize
  if (free < needed)
    throw new CutroomError(
      'media.no_free_space',
      `The scratch space has ${megabytes(free)} MB left, and the outputs need about ${megabytes(needed)} MB.`,
    )
}

const megabytes = (bytes: number) => Math.ceil(bytes / 1_000_000)
