import { inside, readIndex, rowsOf, timescaleOf, tracksOf } from './boxes.ts'

/**
 * The frame rate of an MP4 or QuickTime file, read from its index in the file itself: browsers do not tell. Other containers give
 * undefined, and the service's probe answers when the upload is complete.
 */
export async function mp4Rate(file: Blob): Promise<number | undefined> {
  const index = await readIndex(file)
  return index && rateOf(index)
}

/** The frame rate of the video in an index: frames by their duration, from `stts`. Undefined without a video track. */
export function rateOf(index: DataView): number | undefined {
  for (const track of tracksOf(index, 'vide')) {
    const scale = timescaleOf(index, track)
    let [frames, ticks] = [0, 0]
    for (const [count = 0, duration = 0] of rowsOf(
      index,
      inside(index, track, 'mdia', 'minf', 'stbl', 'stts'),
      2,
    )) {
      frames += count
      ticks += count * duration
    }
    if (scale && ticks > 0 && frames > 0) return (frames * scale) / ticks
  }
  return undefined
}
