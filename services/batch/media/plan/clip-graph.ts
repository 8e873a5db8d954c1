import type { FilterGraph, StreamLabel, StreamLabels } from './filter-graph.ts'
import { conform, normalize, samplesIn, silence } from './filters/audio-filters.ts'
import { perSecond } from './frame-rate.ts'
import type { Clip, SourceClip, StillClip, Timeline } from './timeline.ts'
import type { Target } from './types.ts'
import { addSourceVideo, addStillFrame, holdFrame } from './video-filters.ts'

/** Adds a source's clip, brought to the target. */
export const addSourceClip = (graph: FilterGraph, clip: SourceClip, target: Target): StreamLabels => ({
  video: addClipVideo(graph, clip, target),
  audio: addClipAudio(graph, clip, target),
})

function addClipVideo(graph: FilterGraph, clip: SourceClip, { canvas, rate }: Target): StreamLabel | null {
  const { video } = clip.info
  if (!canvas || !video) return null
  const input = graph.input(clip.input, 'video', video.index)
  const length = { frames: clip.ticks, holdSeconds: holdSecondsOf(clip, perSecond(rate)) }
  return addSourceVideo(graph, input, video, canvas, length)
}

/** How long the last frame may stand: until the audio's end as probed, and over the gap that uneven frames leave. */
function holdSecondsOf({ info: { video }, range }: SourceClip, rate: number): number {
  const end = range.start + range.seconds
  const missing = video?.duration ? Math.max(0, end - video.duration) : 0
  const fps = Math.min(video?.fps || 1, rate)
  return missing + (video?.variable_fps ? 10 : Math.max(1, 3 / fps))
}

/** A silent source gets silence: pieces that are joined have audio all or none. */
function addClipAudio(graph: FilterGraph, clip: SourceClip, target: Target): StreamLabel | null {
  const { audio } = clip.info
  if (!target.audio || !audio) return addSilence(graph, clip.ticks, target)
  const samples = samplesIn(clip.ticks, target.rate, target.audio)
  const loudness = clip.loudness ? normalize(clip.loudness, samples, target.audio) : []
  const input = graph.input(clip.input, 'audio', audio.index)
  return graph.chain([input], [...conform(audio, samples, target.audio), ...loudness])
}

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
