import { type KeyFrames, MAX_KEY_FRAMES } from '#shared/contract/inspect/inspection.ts'
import type { MediaInput } from '../probe/media-input.ts'
import { isAnimatedWebp } from '../probe/webp/describe.ts'
import type { InspectOptions } from '../types.ts'
import { createKeyFrameParser } from './parse-key-frames.ts'
import { type InspectDeps, readStream } from './read-stream.ts'

/**
 * When the key frames of a file's video are shown. Nothing is decoded.
 * @throws CutroomError what probing and running throw.
 */
export async function readKeyFrames(
  input: MediaInput,
  deps: InspectDeps,
  options: InspectOptions,
): Promise<KeyFrames> {
  const probed = await deps.probe(input, options.signal)
  const { video, duration } = probed.info
  if (isAnimatedWebp(probed.info)) return { duration, covered_seconds: duration, complete: true, times: [0] }
  const parser = createKeyFrameParser(MAX_KEY_FRAMES)
  const complete =
    !video ||
    (await readStream(
      input,
      {
        probed,
        index: video.index,
        // Not `-discard nokey`, which reads less: ffmpeg's MP4 demuxer then confuses the times of frames that are shown late.
        outputOptions: ['-map', `0:${video.index}`, '-c', 'copy', '-f', 'framecrc'],
        onChunk(chunk) {
          parser.add(chunk.toString('latin1'))
          return parser.isFull()
        },
      },
      deps,
      options,
    ))
  const { times, covered } = parser.result()
  return { duration, covered_seconds: complete ? duration : covered, complete, times }
}
