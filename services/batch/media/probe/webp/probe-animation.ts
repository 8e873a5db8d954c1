import type { MediaInfo } from '#shared/contract/media-info.ts'
import { requireWithinLimits } from '../limits.ts'
import type { MediaInput, MediaLimits } from '../media-input.ts'
import { readBytes } from '../read-bytes.ts'
import type { TimeMap } from '../times/time-map.ts'
import { openAnimation } from './animation.ts'
import { describeFrames } from './describe.ts'

/**
 * What an animated WebP is; undefined when the file is something else. All of it is read, and nothing decoded.
 * @throws CutroomError `media.unreadable` when it is damaged or cut off, `media.limits` when it exceeds a limit; the input's own
 * `readError` when its bytes did not arrive, and the signal's reason when aborted.
 */
export async function probeAnimation(
  input: MediaInput,
  limits: MediaLimits,
  signal: AbortSignal,
): Promise<{ info: MediaInfo; times: TimeMap } | undefined> {
  const animation = await openAnimation(readBytes(input, signal))
  if (!animation) return undefined
  const frames: { ms: number }[] = []
  for await (const { ms } of animation.frames) frames.push({ ms })
  const described = describeFrames(animation, frames)
  requireWithinLimits(described.info, limits)
  return described
}
