import { perSecond } from '../frame-rate.ts'
import type { Clip, SourceClip, Timeline, TimelineInput } from '../timeline.ts'
import type { Skip } from '../types.ts'

/** Ticks of a timeline's content, bumpers not counted: from the first to before the last. */
export type TickRange = { from: number; to: number }

/**
 * The part of a timeline that shows a range of its content, with the bumpers that are at its ends. A range holds whole
 * parts, or lies within one. Rendered one after the other, the slices of adjoining ranges give the frames of the whole.
 */
export function sliceTimeline(timeline: Timeline, range: TickRange): Timeline {
  const cuts = within(timeline.cuts, range).map(({ from, to }) => to - from)
  const borders = bordersOf(timeline.cuts)
  const intro = borders.includes(range.from) ? timeline.intro : null
  const outro = borders.includes(range.to) ? timeline.outro : null
  const around = (intro?.ticks ?? 0) + (outro?.ticks ?? 0)
  const content = sliceContent(timeline, range)
  return renumberInputs({
    ...timeline,
    content,
    intro,
    outro,
    cuts,
    parts: cuts.map((ticks) => ticks + around),
  })
}

/** The same timeline without its video, as for an encode of the audio alone. */
export const audioOnly = (timeline: Timeline): Timeline =>
  renumberInputs({ ...timeline, watermark: null, target: { ...timeline.target, canvas: null } })

/** The same timeline without its audio. */
export const videoOnly = (timeline: Timeline): Timeline =>
  renumberInputs({ ...timeline, loudness: undefined, target: { ...timeline.target, audio: null } })

/** Ticks at which parts start and end. */
export const bordersOf = (lengths: number[]): number[] => [
  0,
  ...lengths.map((_, i) => lengths.slice(0, i + 1).reduce((total, each) => total + each, 0)),
]

/** What a range has of things that follow each other: for each of them that is touched, its place in the line. */
function within(lengths: number[], range: TickRange): (TickRange & { index: number; start: number })[] {
  const borders = bordersOf(lengths)
  return lengths.flatMap((length, index) => {
    const start = borders[index] ?? 0
    const from = Math.max(range.from, start)
    const to = Math.min(range.to, start + length)
    return from < to ? [{ from, to, index, start }] : []
  })
}

function sliceContent({ content, target }: Timeline, range: TickRange): SourceClip[] {
  const touched = within(
    content.map((clip) => clip.ticks),
    range,
  )
  return touched.flatMap(({ from, to, index, start }) => {
    const clip = content[index]
    const ticks = from - start
    return clip
      ? [{ ...clip, ticks: to - from, skip: { ticks, seconds: ticks / perSecond(target.rate) } }]
      : []
  })
}

/** Keeps the inputs that the timeline still shows or plays, with what each clip knows about where reading begins. */
function renumberInputs(timeline: Timeline): Timeline {
  const { canvas, audio } = timeline.target
  const inputs: TimelineInput[] = []
  const numbers = new Map<number, number>()
  const keep = (old: number, skip?: Skip): number => {
    const known = numbers.get(old)
    if (known !== undefined) return known
    const input = timeline.inputs[old]
    if (!input) throw new Error(`The timeline has no input ${old}.`)
    const number = inputs.push(input.kind === 'source' && skip ? { ...input, skip } : input) - 1
    numbers.set(old, number)
    return number
  }
  const keepSource = (clip: SourceClip): SourceClip => {
    const decodedInput = audio && clip.decodedInput !== undefined ? keep(clip.decodedInput) : undefined
    const input = canvas || decodedInput === undefined ? keep(clip.input, clip.skip) : decodedInput
    return { ...clip, input, decodedInput }
  }
  const keepBumper = (clip: Clip | null): Clip | null => {
    if (clip?.kind === 'source') return keepSource(clip)
    return clip && canvas ? { ...clip, input: keep(clip.input) } : clip
  }
  const content = timeline.content.map(keepSource)
  const [intro, outro] = [keepBumper(timeline.intro), keepBumper(timeline.outro)]
  const watermark = timeline.watermark && { ...timeline.watermark, input: keep(timeline.watermark.input) }
  return { ...timeline, content, intro, outro, watermark, inputs }
}
