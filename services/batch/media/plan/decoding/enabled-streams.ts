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
 * The files that use the original audio of sources whose audio was decoded ahead, so that their video has the same
 * timestamps as when that was done. Every run that reads such a source's video needs them.
 */
export const copiesOfDecodedAudio = ({ inputs }: Pick<Timeline, 'inputs'>): PlannedFile[] =>
  inputs.flatMap((input, i) =>
    input.kind === 'source' && input.decodedAudio && input.info.audio
      ? [copyToNull(`${i}:${input.info.audio.index}`, 'audio', input.range.seconds)]
      : [],
  )

/**
 * The files that use the streams which a job leaves to others: where a job encodes the video of a result and another one
 * its audio, both must count time from the same moment. Containers that ffmpeg may have to shift were measured.
 */
export function copiesForOtherJobs(whole: Timeline, timeline: Timeline): PlannedFile[] {
  const { content, intro, outro, target } = timeline
  const clips = [...content, intro, outro].filter((clip) => clip?.kind === 'source')
  return clips.flatMap(({ input, info: { video, audio }, times, range, skip, ticks }) => {
    if (!times || !video || !audio || timeline.inputs[input]?.kind !== 'source') return []
    const seconds = skip ? skip.seconds + ticks / perSecond(target.rate) : range.seconds
    return [
      ...(whole.target.audio && !target.audio
        ? [copyToNull(`${input}:${audio.index}`, 'audio', seconds)]
        : []),
      ...(whole.target.canvas && !target.canvas
        ? [copyToNull(`${input}:${video.index}`, 'video', seconds)]
        : []),
    ]
  })
}
