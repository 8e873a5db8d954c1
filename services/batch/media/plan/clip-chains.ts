import { normalizing, samplesOf, silence, sourceSound } from './audio-filters.ts'
import { chain } from './filter-graph.ts'
import { perSecond } from './frame-rate.ts'
import type { Clip, Layout } from './layout.ts'
import type { Target } from './target.ts'
import { drawSourcePicture, drawStill, heldFor } from './video-filters.ts'

/** Labels of a stretch of the result; null for a stream that nobody wants. */
export type Stretch = { video: string | null; audio: string | null }

/** A stretch with the chains that draw it. */
export type Bit = Stretch & { chains: string[] }

type SourceSegment = Clip & { kind: 'source' }
type StillSegment = Clip & { kind: 'still' }

const labels = (name: string, { canvas, sound }: Target): Stretch => ({
  video: canvas && `v${name}`,
  audio: sound && `a${name}`,
})

/** A source's stretch, brought to the target. What is silent gets silence: a join wants both of every one. */
export function drawSource(segment: Clip, name: string, target: Target): Bit {
  if (segment.kind !== 'source') throw new Error('A still is no source.')
  const { input, info, ticks, loudness } = segment
  const { canvas, sound, rate } = target
  const { video, audio } = labels(name, target)
  const pictures =
    canvas && video && info.video
      ? drawSourcePicture(
          `${input}:${info.video.index}`,
          video,
          info.video,
          canvas,
          ticks,
          holdOf(segment, rate),
        )
      : []
  const samples = sound ? samplesOf(ticks, rate, sound) : 0
  const sounds =
    sound && audio
      ? [
          info.audio
            ? chain(
                [`${input}:${info.audio.index}`],
                [...sourceSound(samples, sound), ...(loudness ? normalizing(loudness, samples, sound) : [])],
                [audio],
              )
            : chain([], silence(samples, sound), [audio]),
        ]
      : []
  return { video, audio, chains: [...pictures, ...sounds] }
}

/** How long the last frame may stand: until the sound's end as probed, and the gap that uneven frames leave. */
function holdOf({ info, span }: SourceSegment, rate: Target['rate']): number {
  const end = span.start + span.seconds
  const lacking = info.video?.duration ? Math.max(0, end - info.video.duration) : 0
  const fps = Math.min(info.video?.fps || 1, perSecond(rate))
  return lacking + (info.video?.variable_fps ? 10 : Math.max(1, 3 / fps))
}

/** The bumpers, once for each part. A picture is drawn once, however often it is shown. */
export function drawBumpers(layout: Layout, count: number, target: Target) {
  const ends = { i: layout.intro, o: layout.outro }
  const chains = drawStills(ends, count, target)
  const each = (end: 'i' | 'o'): Bit[] => {
    const segment = ends[end]
    if (!segment) return []
    return Array.from({ length: count }, (_, k) =>
      segment.kind === 'source'
        ? drawSource(segment, `${end}${k}`, target)
        : holdStill(segment, `${end}${k}`, target),
    )
  }
  return { chains, intros: each('i'), outros: each('o') }
}

/** The pictures of still bumpers, each split into as many copies as are shown: labels `pi0`, `po0`, … */
function drawStills(ends: Record<'i' | 'o', Clip | undefined>, count: number, { canvas }: Target): string[] {
  if (!canvas) return []
  const stills = Object.entries(ends).flatMap(([end, segment]) =>
    segment?.kind === 'still' ? [{ end, segment }] : [],
  )
  const inputs = [...new Set(stills.map(({ segment }) => segment.input))]
  return inputs.flatMap((input) => {
    const shown = stills.filter(({ segment }) => segment.input === input)
    const copies = shown.flatMap(({ end }) => Array.from({ length: count }, (_, k) => `p${end}${k}`))
    return drawStill(`${input}:v`, copies, canvas, shown[0]?.segment.background)
  })
}

/** One showing of a still, with silence beside it. */
function holdStill({ ticks }: StillSegment, name: string, target: Target): Bit {
  const { canvas, sound, rate } = target
  const { video, audio } = labels(name, target)
  return {
    video,
    audio,
    chains: [
      ...(canvas && video ? [chain([`p${name}`], heldFor(ticks, canvas), [video])] : []),
      ...(sound && audio ? [chain([], silence(samplesOf(ticks, rate, sound), sound), [audio])] : []),
    ],
  }
}
