import type { MediaWarning } from '#shared/contract/media-info.ts'
import type { ParameterChange } from './parameter-changes.ts'

/** A container that is further off than this is worth a warning: seconds. */
const DURATION_TOLERANCE_S = 1
/** A source with hundreds of jumps has one cause. */
const MAX_WARNINGS_OF_A_KIND = 5

/** The durations that a container may mean by what it states, the likeliest first. Empty when it states none. */
type Claimed = number[]

/** What was found to be irregular in a source. All times are in seconds from its beginning. */
export function timeWarnings(
  measured: number,
  claimed: Claimed,
  jumps: number[],
  changes: ParameterChange[],
): MediaWarning[] {
  return [
    ...distinct(jumps).slice(0, MAX_WARNINGS_OF_A_KIND).map(timestampsJump),
    ...changes.slice(0, MAX_WARNINGS_OF_A_KIND).map(parametersChange),
    ...durationCorrected(measured, claimed),
  ]
}

/** All streams jump at about the same time. */
const distinct = (jumps: number[]) => jumps.filter((at, i) => i === 0 || at - (jumps[i - 1] ?? 0) > 1)

const timestampsJump = (at: number): MediaWarning => ({
  code: 'timestamps_jump',
  message: `Its timestamps jump or start anew at ${at.toFixed(1)} s; what follows was appended without a gap.`,
  at: milliseconds(at),
})

/** Packets of raw streams may have no timestamps. */
function parametersChange({ kind, at, from, to }: ParameterChange): MediaWarning {
  const where = Number.isFinite(at) ? ` at ${at.toFixed(1)} s` : ''
  const message = `Its ${kind} changes from ${from} to ${to}${where}; all of it is brought to one format.`
  return { code: 'parameters_change', message, ...(where && { at: milliseconds(at) }) }
}

function durationCorrected(measured: number, claimed: Claimed): MediaWarning[] {
  const [stated] = claimed
  const isRight = claimed.some((seconds) => Math.abs(measured - seconds) <= DURATION_TOLERANCE_S)
  if (stated === undefined || isRight) return []
  const message = `The container suggests a duration of ${stated.toFixed(1)} s; measured are ${measured.toFixed(1)} s.`
  return [{ code: 'duration_corrected', message }]
}

const milliseconds = (seconds: number) => Math.round(seconds * 1000) / 1000
