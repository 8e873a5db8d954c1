import type { TimeMap } from '../probe/times/time-map.ts'
import { conformDecoded } from './decoding/audio-decoding.ts'
import { type FilterGraph, plain, type StreamLabel, type StreamLabels } from './filter-graph.ts'
import { conform, normalize, SHORTEST_GAP_S, samplesIn, silence } from './filters/audio-filters.ts'
import { displayShapes } from './filters/display-shapes.ts'
import { reportFrames } from './filters/frame-reports.ts'
import { addSourceVideo, addStillFrame, holdFrame } from './filters/video-filters.ts'
import { perSecond } from './frame-rate.ts'
import { entryOf, offsetFilters, seekOf } from './seek.ts'
import type { Clip, SourceClip, StillClip, Timeline } from './timeline.ts'
import type { Target } from './types.ts'

/** Adds a source's clip, brought to the target. */
export const addSourceClip = (graph: FilterGraph, clip: SourceClip, target: Target): StreamLabels => ({
  video: addClipVideo(graph, clip, target),
  audio: addClipAudio(graph, clip, target),
})

function addClipVideo(graph: FilterGraph, clip: SourceClip, { canvas, rate }: Target): StreamLabel | null {
  const { video } = clip.info
  if (!canvas || !video) return null
  const input = graph.input(clip.input, 'video', video.index)
  return addSourceVideo(graph, input, video, canvas, {
    frames: clip.ticks,
    skip: clip.skip?.ticks ?? 0,
    holdSeconds: holdSecondsOf(clip, perSecond(rate)),
    leads: seekOf(clip).lead,
    endsEarly: video.variable_fps || missingSecondsOf(clip, perSecond(rate)) > 2 / perSecond(rate),
    tailFrames: tailFramesOf(clip, perSecond(rate)),
    shapes: displayShapes(clip, perSecond(rate)),
    reports: [...offsetFilters(seekOf(clip), 'video'), ...reportFrames(clip, perSecond(rate), 'video')],
  })
}

/** When the video ends, in seconds from the source's beginning; undefined when the container does not say. */
const videoEndOf = ({ info, times }: SourceClip): number | undefined =>
  times?.video?.end ?? info.video?.duration ?? undefined

/** For how long the clip goes on behind the end of its video, in seconds. */
function missingSecondsOf(clip: SourceClip, rate: number): number {
  const { range, skip } = clip
  const end = skip ? entryOf(clip) + clip.ticks / rate : range.start + range.seconds
  return Math.max(0, end - (videoEndOf(clip) ?? end))
}

/** How long the last frame may stand: until the audio's end as probed, and over the gap that uneven frames leave. */
function holdSecondsOf(clip: SourceClip, rate: number): number {
  const { info } = clip
  const fps = Math.min(info.video?.fps || 1, rate)
  return missingSecondsOf(clip, rate) + (info.video?.variable_fps ? 10 : Math.max(1, 3 / fps))
}

/**
 * A clip that starts behind the last frame still shows it. Its frames are counted from before the video's end, since
 * `fps` gives none after that; this many of them are then skipped.
 */
function tailFramesOf(clip: SourceClip, rate: number): number {
  const behind = entryOf(clip) - ((videoEndOf(clip) ?? Number.POSITIVE_INFINITY) - 2 / rate)
  return behind > 0 ? Math.ceil((behind + LAST_FRAME_S) * rate) : 0
}

/** Longer than the last frame of most video: seconds. */
const LAST_FRAME_S = 1

/** A silent source gets silence: pieces that are joined have audio all or none. */
function addClipAudio(graph: FilterGraph, clip: SourceClip, target: Target): StreamLabel | null {
  const { audio } = clip.info
  if (!target.audio || !audio) return addSilence(graph, clip.ticks, target)
  const samples = samplesIn(clip.ticks, target.rate, target.audio)
  const loudness = clip.loudness ? normalize(clip.loudness, samples, target.audio) : []
  const reported = reportFrames(clip, perSecond(target.rate), 'audio')
  if (clip.decodedInput !== undefined) {
    const decoded = graph.input(clip.decodedInput, 'audio', 0)
    return graph.chain([decoded], [...reported, ...conformDecoded(samples, target.audio), ...loudness])
  }
  const input = graph.input(clip.input, 'audio', audio.index)
  const seek = seekOf(clip)
  const cut = seek.lead ? [`atrim=start=0:duration=${plain(clip.range.seconds)}`] : []
  const gap = clip.times && isJoined(clip.times) ? SHORTEST_GAP_S : undefined
  return graph.chain(
    [input],
    [
      ...offsetFilters(seek, 'audio'),
      ...reported,
      ...cut,
      ...conform(audio, samples, target.audio, gap),
      ...loudness,
    ],
  )
}

/** Whether a stream shows that it was joined from several: where one ends, its audio and its video rarely end together. */
const isJoined = ({ continuous, changes }: TimeMap): boolean => !continuous || changes.length > 0

function addSilence(graph: FilterGraph, ticks: number, { audio, rate }: Target): StreamLabel | null {
  return audio && graph.source('audio', silence(samplesIn(ticks, rate, audio), audio))
}

/** The bumpers of one part. */
export type Bumpers = { intro: StreamLabels | null; outro: StreamLabels | null }

/** Adds the bumpers, once for each part. */
export function addBumpers(graph: FilterGraph, timeline: Timeline): Bumpers[] {
  const { intro, outro, parts, target } = timeline
  const frames = addStillFrames(graph, timeline)
  const addBumper = (clip: Clip | null): StreamLabels | null => {
    if (!clip) return null
    if (clip.kind === 'source') return addSourceClip(graph, clip, target)
    return holdStill(graph, clip, frames.get(clip)?.shift(), target)
  }
  return parts.map(() => ({ intro: addBumper(intro), outro: addBumper(outro) }))
}

/** Adds the frame of each still bumper, as often as it is shown. Bumpers of one image share its frame. */
function addStillFrames(
  graph: FilterGraph,
  { intro, outro, parts, target: { canvas } }: Timeline,
): Map<Clip, StreamLabel[]> {
  const stills = [intro, outro].filter((clip) => clip?.kind === 'still')
  const frames = new Map<Clip, StreamLabel[]>()
  if (!canvas) return frames
  for (const [input, shown] of Map.groupBy(stills, (still) => still.input)) {
    const background = shown[0]?.background ?? canvas.background
    const frame = addStillFrame(graph, graph.input(input, 'video'), { ...canvas, background })
    const copies = graph.split(frame, shown.length * parts.length)
    for (const still of shown) frames.set(still, copies.splice(0, parts.length))
  }
  return frames
}

/** Shows a frame for as long as a still lasts, with silence beside it. */
function holdStill(
  graph: FilterGraph,
  { ticks }: StillClip,
  frame: StreamLabel | undefined,
  target: Target,
): StreamLabels {
  const { canvas } = target
  return {
    video: canvas && frame ? graph.chain([frame], holdFrame(ticks, canvas)) : null,
    audio: addSilence(graph, ticks, target),
  }
}
