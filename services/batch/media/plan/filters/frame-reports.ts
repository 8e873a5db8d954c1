import type { MediaInfo } from '#shared/contract/media-info.ts'
import { FRAME_REPORT_KEY } from '../../ffmpeg/frame-reports.ts'
import { plain, type StreamKind } from '../filter-graph.ts'
import { perSecond } from '../frame-rate.ts'
import { entryOf } from '../seek.ts'
import type { SourceClip, Timeline } from '../timeline.ts'
import type { ReportedStream, TrimRange } from '../types.ts'

/** Near the end of a clip every frame is reported: seconds. */
const END_S = 0.5

/**
 * Filters that print which frames of a source reach the graph, before anything is held, padded or cut: the first, one a
 * second, and all near the end of the clip. They pass frames on untouched; see docs/decisions/0016. `rate`: ticks per second.
 */
export function reportFrames(clip: ReportedClip, rate: number, kind: StreamKind): string[] {
  const filter = kind === 'video' ? 'metadata' : 'ametadata'
  const seconds = skippedOf(clip) + shownRange(clip, rate).seconds
  // ffmpeg evaluates this twice for a frame: what is stored must not change the second answer.
  const isDue = `gt(floor(t),ld(0))+eq(t,ld(1))+gte(t,${plain(seconds - END_S)})`
  const enable = `if(eq(n,0)+lte(t,${plain(seconds)})*(${isDue}),1+0*(st(0,floor(t))+st(1,t)))`
  return [
    `${filter}=mode=add:key=${FRAME_REPORT_KEY}:value=${reportId(clip.input, kind)}:enable='${enable}'`,
    `${filter}=mode=print:key=${FRAME_REPORT_KEY}:file='pipe\\:2':direct=1`,
  ]
}

/** Rounding to ticks: seconds. */
const TOLERANCE_S = 0.001

type ReportedClip = Pick<SourceClip, 'input' | 'range' | 'skip' | 'ticks'>

const skippedOf = ({ skip }: ReportedClip): number => skip?.seconds ?? 0

/** The seconds of its source that a clip shows. */
const shownRange = (clip: ReportedClip, rate: number): TrimRange =>
  clip.skip ? { start: entryOf(clip), seconds: clip.ticks / rate, whole: false } : clip.range

/** Names a stream of an input in what is printed about its frames. */
const reportId = (input: number, kind: StreamKind): string => `${input}-${kind}`

/** Containers whose audio may be shorter than they state: what they count is not samples. */
const COUNTS_ROUGHLY = ['mp3', 'avi', 'asf']

const statedEndOf = ({ container, duration, video, audio }: MediaInfo): number | undefined =>
  container.split(',').some((name) => COUNTS_ROUGHLY.includes(name))
    ? undefined
    : (audio?.duration ?? (video ? undefined : duration))

/** The streams of a timeline's sources and bumper clips whose frames are reported. */
export function reportedStreams({ content, intro, outro, inputs, target }: Timeline): ReportedStream[] {
  const bumpers = [intro, outro].filter((clip) => clip?.kind === 'source')
  return [...content, ...bumpers].flatMap((clip) => {
    const { input, info, times } = clip
    const range = shownRange(clip, perSecond(target.rate))
    const file = inputs[input]?.file
    if (!file) return []
    const continued = {
      before: skippedOf(clip) > 0,
      behind: range.start + range.seconds < clip.range.start + clip.range.seconds - TOLERANCE_S,
    }
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
              source: clip.source,
              file,
              index: stream.index,
              range,
              offset: skippedOf(clip),
              continued,
              times,
              fps: info.video?.fps,
              ...(kind === 'audio' && { sampleRate: info.audio?.sample_rate, statedEnd: statedEndOf(info) }),
            },
          ]
        : []
    return [
      ...report('video', info.video, target.canvas !== null),
      ...report('audio', info.audio, target.audio !== null),
    ]
  })
}
