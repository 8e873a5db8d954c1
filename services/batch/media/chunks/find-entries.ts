import { perSecond } from '../plan/frame-rate.ts'
import { entryOf } from '../plan/seek.ts'
import type { SourceClip, Timeline } from '../plan/timeline.ts'
import type { ProbeResult } from '../probe/probe.ts'
import type { FindKeyFrame } from '../probe/times/find-key-frame.ts'

/** A deinterlacer compares each frame with those beside it: frames that are decoded before the first wanted one. */
const FRAMES_BEFORE_INTERLACED = 4

/**
 * A slice whose sources know from where they must be decoded. `probeOf` tells what was found out about the source of a clip
 * of the content.
 * @throws CutroomError what ffprobe throws.
 */
export async function findEntries(
  slice: Timeline,
  probeOf: (clip: SourceClip) => ProbeResult,
  findKeyFrame: FindKeyFrame,
  signal: AbortSignal,
): Promise<Timeline> {
  const content = await Promise.all(
    slice.content.map(async (clip) => {
      const start = Math.max(0, entryOf(clip) - framesBefore(clip, perSecond(slice.target.rate)))
      const input = slice.inputs[clip.input]
      if (!input || start === 0) return { ...clip, keyFrame: start === 0 ? 0 : undefined }
      const keyFrame = (await findKeyFrame(input.file, probeOf(clip), start, signal)) ?? start
      return { ...clip, keyFrame }
    }),
  )
  const keyFrames = new Map(content.map(({ input, keyFrame }) => [input, keyFrame]))
  const inputs = slice.inputs.map((input, i) =>
    input.kind === 'source' && keyFrames.has(i) ? { ...input, keyFrame: keyFrames.get(i) } : input,
  )
  return { ...slice, content, inputs }
}

/** Seconds before the first wanted frame from which on frames must have been decoded. */
const framesBefore = ({ info: { video } }: SourceClip, rate: number): number =>
  video?.interlaced ? FRAMES_BEFORE_INTERLACED / Math.min(rate, video.fps || rate) : 0
