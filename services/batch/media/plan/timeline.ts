import type { Watermark } from '#shared/contract/recipe.ts'
import { type Loudness, normalizing, samplesOf } from './audio-filters.ts'
import { type Bit, drawBumpers, drawSource, type Stretch } from './clip-chains.ts'
import { chain } from './filter-graph.ts'
import type { Layout } from './layout.ts'
import type { Target } from './target.ts'
import { drawWatermark } from './watermark.ts'

/** What is done to the content before bumpers come around it. */
export type Treatment = {
  watermark?: Watermark | undefined
  loudness?: Loudness | undefined
  /** Ticks of each part, when the content is cut into parts. */
  partTicks?: number | undefined
}

/** A drawn graph: its chains, the labels it ends in, and the ticks of each part of it, bumpers included. */
export type Drawn = Stretch & { chains: string[]; parts: number[] }

/** The graph of a whole result: content joined, treated, cut into parts, and each set between bumpers. */
export function drawTimeline(layout: Layout, target: Target, treatment: Treatment): Drawn {
  const pieces = layout.content.map((segment, i) => drawSource(segment, `${i}`, target))
  const length = layout.content.reduce((sum, { ticks }) => sum + ticks, 0)
  const lengths = cutLengths(length, treatment.partTicks)
  const around = (layout.intro?.ticks ?? 0) + (layout.outro?.ticks ?? 0)
  const parts = lengths.map((ticks) => ticks + around)
  const marked = mark(join(pieces, 'c'), layout, target, treatment)
  const treated = level(marked, length, target, treatment)
  if (around === 0) return { ...treated, parts }
  const cut = cutContent(treated, lengths, target)
  const { chains, intros, outros } = drawBumpers(layout, lengths.length, target)
  const order = cut.stretches.flatMap((part, i) =>
    [intros[i], part, outros[i]].filter((each) => each !== undefined),
  )
  const whole = join(order, '')
  return { ...whole, chains: [...treated.chains, ...cut.chains, ...chains, ...whole.chains], parts }
}

/** Ticks of each part: whole parts, and what is left over. */
export function cutLengths(length: number, partTicks: number | undefined): number[] {
  if (!partTicks || partTicks >= length) return [length]
  const whole = Math.floor(length / partTicks)
  const rest = length - whole * partTicks
  return [...Array<number>(whole).fill(partTicks), ...(rest > 0 ? [rest] : [])]
}

/** Stretches one after the other, as one; a single one stays as it is. */
function join(stretches: Bit[], name: string): Bit {
  const chains = stretches.flatMap((stretch) => stretch.chains)
  const [first] = stretches
  if (!first) throw new Error('There is nothing to join.')
  if (stretches.length === 1) return first
  const video = first.video && `v${name}`
  const audio = first.audio && `a${name}`
  const from = stretches.flatMap((stretch) =>
    [stretch.video, stretch.audio].filter((label) => label !== null),
  )
  const to = [video, audio].filter((label) => label !== null)
  const counts = `concat=n=${stretches.length}:v=${video ? 1 : 0}:a=${audio ? 1 : 0}`
  return { video, audio, chains: [...chains, chain(from, [counts], to)] }
}

/** The content with its watermark. */
function mark(content: Bit, layout: Layout, { canvas }: Target, { watermark }: Treatment): Bit {
  if (!content.video || !canvas || !watermark || layout.watermark === undefined) return content
  const drawn = drawWatermark(content.video, `${layout.watermark}:v`, 'vw', watermark, canvas)
  return { ...content, video: 'vw', chains: [...content.chains, ...drawn] }
}

/** Sound of so many ticks as loud as it should be. */
function level(sounding: Bit, ticks: number, { sound, rate }: Target, { loudness }: Treatment): Bit {
  if (!sounding.audio || !sound || !loudness) return sounding
  const filters = normalizing(loudness, samplesOf(ticks, rate, sound), sound)
  return { ...sounding, audio: 'an', chains: [...sounding.chains, chain([sounding.audio], filters, ['an'])] }
}

/** The content once for each part, cut to it. Frames are handed on, not copied. */
function cutContent({ video, audio }: Stretch, lengths: number[], { sound, rate }: Target) {
  if (lengths.length === 1) return { chains: [], stretches: [{ video, audio, chains: [] }] }
  const stretches = lengths.map((_, i) => ({
    video: video && `vk${i}`,
    audio: audio && `ak${i}`,
    chains: [],
  }))
  const starts = lengths.map((_, i) => lengths.slice(0, i).reduce((sum, ticks) => sum + ticks, 0))
  const copies = (kind: string) => lengths.map((_, i) => `${kind}s${i}`)
  const frames = lengths.map((ticks, i) => {
    const from = starts[i] ?? 0
    return chain(
      [`vs${i}`],
      [`trim=start_frame=${from}:end_frame=${from + ticks}`, 'setpts=PTS-STARTPTS'],
      [`vk${i}`],
    )
  })
  const samples = (ticks: number) => (sound ? samplesOf(ticks, rate, sound) : 0)
  const sounds = lengths.map((ticks, i) => {
    const from = starts[i] ?? 0
    const stretch = `atrim=start_sample=${samples(from)}:end_sample=${samples(from + ticks)}`
    return chain([`as${i}`], [stretch, 'asetpts=PTS-STARTPTS'], [`ak${i}`])
  })
  return {
    stretches,
    chains: [
      ...(video ? [chain([video], [`split=${lengths.length}`], copies('v')), ...frames] : []),
      ...(audio ? [chain([audio], [`asplit=${lengths.length}`], copies('a')), ...sounds] : []),
    ],
  }
}
