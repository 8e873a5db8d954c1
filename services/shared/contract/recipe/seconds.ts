import { z } from 'zod'

/** `1:02.5`, `00:01:30.500`, or seconds alone. The first number may have any length, as ffmpeg writes long durations. */
const TIMECODE = /^(?:(?:(\d{1,6}):)?(\d{1,6}):)?(\d{1,6}(?:\.\d{1,9})?)$/

/** What an hour, a minute and a second are, from the last number of a timecode on. */
const SECONDS_OF = [1, 60, 3600]

/**
 * The seconds that a timecode stands for, to the microsecond. Undefined for any other text; only the first number may exceed what its
 * unit holds, so `90:00` is an hour and a half and `1:90` is nothing.
 */
export function parseTimecode(text: string): number | undefined {
  const match = TIMECODE.exec(text)
  if (!match) return undefined
  const numbers = match
    .slice(1)
    .filter((part) => part !== undefined)
    .map(Number)
  if (numbers.slice(1).some((number) => number >= 60)) return undefined
  const seconds = numbers.toReversed().reduce((sum, number, i) => sum + number * (SECONDS_OF[i] ?? 0), 0)
  return toMicroseconds(seconds)
}

/** Rounds seconds to the microsecond, so that sums and differences of times that a client wrote are what it would write. */
export const toMicroseconds = (seconds: number): number => Math.round(seconds * 1e6) / 1e6

const FORMAT = 'must be a number of seconds, or a timecode such as 00:01:30.500'

/**
 * A time or duration in a recipe: seconds that `number` allows, or the same as a timecode. Parsed, it is a number of seconds.
 */
export const seconds = (number: z.ZodNumber) =>
  z.union(
    [
      number,
      z
        .string()
        .regex(TIMECODE, { error: FORMAT })
        .transform((text, context): number => {
          const parsed = parseTimecode(text)
          if (parsed !== undefined) return parsed
          context.addIssue({ code: 'custom', message: FORMAT })
          return z.NEVER
        })
        .pipe(number),
    ],
    { error: FORMAT },
  )
