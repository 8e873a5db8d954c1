import { type Bytes, readIndex } from '../edit/mp4/boxes.ts'
import { keyFramesOf } from '../edit/mp4/key-frames.ts'
import { rateOf } from '../edit/mp4/mp4-rate.ts'
import { type Media, setRate } from './media.ts'

/** Reads what the index of a file says. Without one, the frame rate comes with the dry run, and key frames from the service. */
export async function readIndexOf(file: Bytes, media: Media): Promise<void> {
  try {
    const index = await readIndex(file)
    const fps = index && rateOf(index)
    if (fps && !media.isRateKnown.peek()) setRate(media, fps)
    media.keyFrames.value = index && keyFramesOf(index)
  } catch {
    // Cut off or damaged: the service says so when it reads it.
  } finally {
    media.isIndexRead.value = true
  }
}
