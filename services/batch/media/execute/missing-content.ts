import type { MediaInfo, MediaWarning } from '#shared/contract/media-info.ts'

/**
 * A damaged range in the middle of a clip, which a result replaces by a still frame or by silence. `distorted`: its frames are shown,
 * but parts of them may be wrong. `unconfirmed`: the file has nothing there, which is damage only when the other stream of its source,
 * which another job may have read, lacks the range as well. `source`: the index of its source among the recipe's. In seconds from the source's beginning. JSON
 * in a job's row.
 */
export type MissingContent = {
  source: number
  kind: 'video' | 'audio'
  from: number
  to: number
  distorted?: true
  unconfirmed?: true
}

/** Ranges of a stream that are closer to each other are one: seconds. */
const JOINED_S = 1.5
/** A recording may have thousands of them. */
const MAX_WARNINGS = 20

/** What is known of a source, with a warning for each range that is missing, as far as its other stream confirms that. */
export function withMissing(info: MediaInfo, reported: MissingRange[]): MediaInfo {
  const missing = confirmed(reported)
  if (missing.length === 0) return info
  const ranges = (['video', 'audio'] as const).flatMap((kind) =>
    joined(missing.filter((range) => range.kind === kind)),
  )
  const first = ranges.toSorted((a, b) => a.from - b.from).slice(0, MAX_WARNINGS)
  const warnings = first.map((range, i) =>
    toWarning(range, i === first.length - 1 ? ranges.length - first.length : 0),
  )
  return { ...info, warnings: [...(info.warnings ?? []), ...warnings] }
}

type MissingRange = Omit<MissingContent, 'source'>

function confirmed(ranges: MissingRange[]): MissingRange[] {
  const isLost = (range: MissingRange) => ranges.some((other) => isSameHole(range, other))
  return ranges.flatMap(({ unconfirmed, ...range }) => (unconfirmed && !isLost(range) ? [] : [range]))
}

/** Whether both streams of a source lack a range: bytes of the damaged file are lost then, and their packets with them. */
const isSameHole = (one: MissingRange, other: MissingRange): boolean =>
  one.kind !== other.kind && one.from < other.to && other.from < one.to

function joined(ranges: MissingRange[]): MissingRange[] {
  const found: MissingRange[] = []
  for (const range of ranges.toSorted((a, b) => a.from - b.from)) {
    const last = found.at(-1)
    if (last && last.distorted === range.distorted && range.from - last.to < JOINED_S)
      last.to = Math.max(last.to, range.to)
    else found.push({ ...range })
  }
  return found
}

function toWarning({ kind, from, to, distorted }: MissingRange, more: number): MediaWarning {
  const range = `from about ${from.toFixed(1)} s to ${to.toFixed(1)} s`
  const message =
    (distorted
      ? `Some of the ${kind} ${range} may be shown wrongly: its decoder reported damage.`
      : `The ${kind} ${range} is damaged: the result has ${kind === 'video' ? 'a still frame' : 'silence'} there.`) +
    (more > 0 ? ` ${more} more damaged ${more === 1 ? 'range is' : 'ranges are'} not listed.` : '')
  return { code: 'content_damaged', message, at: Math.round(from * 1000) / 1000 }
}
