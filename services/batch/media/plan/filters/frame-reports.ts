import { FRAME_REPORT_KEY } from '../../ffmpeg/frame-reports.ts'
import { plain, type StreamKind } from '../filter-graph.ts'
import type { SourceClip, Timeline } from '../timeline.ts'
import type { ReportedStream } from '../types.ts'

/** Near the end of a clip every frame is reported: seconds. */
const END_S = 0.5

/**
 * Filters that print which frames of a source reach the graph, before anything is held, padded or cut: the first, one a
 * second, and all near the end of the clip. They pass frames on untouched; see docs/decisions/0016.
 */
export function reportFrames(clip: Pick<SourceClip, 'input' | 'range'>, kind: StreamKind): string[] {
  const filter = kind === 'video' ? 'metadata' : 'ametadata'
  const { seconds } = clip.range
  // ffmpeg evaluates this twice for a frame: what is stored must not change the second answer.
  const isDue = `gt(floor(t),ld(0))+eq(t,ld(1))+gte(t,${plain(seconds - END_S)})`
  const enable = `if(eq(n,0)+lte(t,${plain(seconds)})*(${isDue}),1+0*(st(0,floor(t))+st(1,t)))`
  return [
    `${filter}=mode=add:key=${FRAME_REPORT_KEY}:value=${reportId(clip.input, kind)}:enable='${enable}'`,
    `${filter}=mode=print:key=${FRAME_REPORT_KEY}:file='pipe\\:2':direct=1`,
  ]
}

/** Names a stream of an input in what is printed about its frames. */
const reportId = (input: number, kind: StreamKind): string => `${input}-${kind}`

/** The streams of a timeline's sources and bumper clips whose frames are reported. */
export function reportedStreams({ content, intro, outro, inputs, target }: Timeline): ReportedStream[] {
  const bumpers = [intro, outro].filter((clip) => clip?.kind === 'source')
  return [...content, ...bumpers].flatMap((clip) => {
    const { input, info, range, times } = clip
    const file = inputs[input]?.file
    if (!file) return []
    const of = content.includes(clip) ? `source ${content.indexOf(clip) + 1}` : 'a bumper clip'
    const report = (
      kind: StreamKind,
      stream: { index: number } | null,
      isWanted: boolean,
    ): ReportedStream[] =>
      stream && isWanted
        ? [
            {
              id: reportId(input, kind),
              kind,
              of,
              file,
              index: stream.index,
              range,
              times,
              fps: info.video?.fps,
            },
          ]
        : []
    return [
      ...report('video', info.video, target.canvas !== null),
      ...report('audio', info.audio, target.audio !== null),
    ]
  })
}
