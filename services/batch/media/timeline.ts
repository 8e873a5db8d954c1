import type { MediaInfo } from '#shared/contract/media-info.ts'
import type { Canvas } from './canvas.ts'
import { chain, held, samplesOf, silence, sourcePicture, sourceSound, stillPicture } from './filtergraph.ts'
import { perSecond } from './rates.ts'
import type { Span } from './spans.ts'

/** A stretch of the output, `frames` long. `input` is the number of the input it comes from. */
export type Segment =
  | { kind: 'source'; input: number; frames: number; info: MediaInfo; span: Span }
  | { kind: 'still'; input: number; frames: number }

/** The graph that joins segments in order, as `[v]` and `[a]`. */
export function drawTimeline(segments: Segment[], canvas: Canvas): string[] {
  const pads = segments.flatMap((_, i) => [`v${i}`, `a${i}`])
  return [
    ...drawStills(segments, canvas),
    ...segments.flatMap((segment, i) => (segment.kind === 'source' ? drawSource(segment, i, canvas) : [])),
    chain(pads, [`concat=n=${segments.length}:v=1:a=1`], ['v', 'a']),
  ]
}

function drawSource(segment: Segment & { kind: 'source' }, place: number, canvas: Canvas): string[] {
  const { input, info, frames } = segment
  const { video, audio } = info
  if (!video) return []
  const samples = samplesOf(frames, canvas)
  return [
    chain([`${input}:${video.index}`], sourcePicture(video, canvas, frames, holdOf(segment, canvas)), [
      `v${place}`,
    ]),
    // A concat wants the same streams of every segment: what is silent gets silence.
    audio
      ? chain([`${input}:${audio.index}`], sourceSound(samples), [`a${place}`])
      : chain([], silence(samples), [`a${place}`]),
  ]
}

/** How long the last frame may stand: until the sound's end as probed, and the gap that uneven frames leave. */
function holdOf({ info, span }: Segment & { kind: 'source' }, canvas: Canvas): number {
  const end = span.start + span.seconds
  const lacking = info.video?.duration ? Math.max(0, end - info.video.duration) : 0
  const fps = Math.min(info.video?.fps || 1, perSecond(canvas.rate))
  return lacking + (info.video?.variable_fps ? 10 : Math.max(1, 3 / fps))
}

/** Stills: each picture is drawn once, however often it is shown. */
function drawStills(segments: Segment[], canvas: Canvas): string[] {
  const places = segments.flatMap((segment, place) => (segment.kind === 'still' ? [{ segment, place }] : []))
  const inputs = [...new Set(places.map(({ segment }) => segment.input))]
  return inputs.flatMap((input) => {
    const shown = places.filter(({ segment }) => segment.input === input)
    const copies = shown.map(({ place }) => `p${place}`)
    const drawn = chain([`${input}:v`], [...stillPicture(canvas), `split=${shown.length}`], copies)
    return [
      drawn,
      ...shown.flatMap(({ segment, place }) => [
        chain([`p${place}`], held(segment.frames, canvas), [`v${place}`]),
        chain([], silence(samplesOf(segment.frames, canvas)), [`a${place}`]),
      ]),
    ]
  })
}
