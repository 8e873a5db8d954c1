import { perSecond } from '../frame-rate.ts'
import type { Timeline } from '../timeline.ts'
import type { PlannedFile } from '../types.ts'

/**
 * A file that takes a stream of an input and goes nowhere. The timestamps of an input depend on which of its streams are
 * used: a transport stream is shifted to the earliest of them, and jumps of each move the others.
 */
export const copyToNull = (stream: string, kind: 'video' | 'audio', seconds: number): PlannedFile => ({
  path: '-',
  maps: [stream],
  video: kind === 'video' ? 'copy' : null,
  audio: kind === 'audio' ? 'copy' : null,
  muxer: { name: 'null' },
  maxBytes: null,
  seconds,
})

/**
 * The files that use the streams which a run itself does not: the original audio where it was decoded ahead, and of
 * sources whose times were measured, the audio of a mute result and the video of an audio file. So timestamps mean the same
 * in every run: measured from the earliest stream, as the probe did.
 */
export function copiesOfUnusedStreams({ content, intro, outro, inputs, target }: Timeline): PlannedFile[] {
  const clips = [...content, intro, outro].filter((clip) => clip?.kind === 'source')
  return clips.flatMap(({ input, decodedInput, info: { video, audio }, times, range, skip, ticks }) => {
    if (!video || !audio || inputs[input]?.kind !== 'source') return []
    const seconds = skip ? skip.seconds + ticks / perSecond(target.rate) : range.seconds
    const isDecoded = decodedInput !== undefined
    return [
      ...(isDecoded || (times && !target.audio)
        ? [copyToNull(`${input}:${audio.index}`, 'audio', seconds)]
        : []),
      ...(times && !target.canvas ? [copyToNull(`${input}:${video.index}`, 'video', seconds)] : []),
    ]
  })
}
