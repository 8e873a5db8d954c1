import { z } from 'zod'
import { seconds, toMicroseconds } from './seconds.ts'

const MAX_SECONDS = 86_400

/** The fields by which clients name a range of a source. */
export const rangeFields = {
  start: seconds(z.number().min(0).max(MAX_SECONDS))
    .default(0)
    .meta({ description: 'Where to start, in seconds from the beginning of the source or as a timecode.' }),
  duration: seconds(z.number().positive().max(MAX_SECONDS)).optional().meta({
    description: 'How much to keep, in seconds or as a timecode. Defaults to the rest of the source.',
    example: 18,
  }),
  end: seconds(z.number().positive().max(MAX_SECONDS))
    .optional()
    .meta({
      description:
        'Where to end, in place of `duration`, in seconds from the beginning of the source or as a timecode. Replies show the ' +
        '`duration` that follows from it.',
      example: '00:01:30.500',
    }),
}

/** The same range as it is stored and returned. */
export const storedRangeFields = {
  start: z.number().meta({ description: 'Where it starts, in seconds from the beginning of the source.' }),
  duration: z
    .number()
    .optional()
    .meta({ description: 'How much is kept, in seconds; left out for the rest of the source.' }),
}

type Range = { start: number; duration?: number | undefined; end?: number | undefined }

/** Refuses a range that has both an end and a duration, or ends before it starts. */
export function checkRange({ start, duration, end }: Range, context: z.RefinementCtx): void {
  const issue = (message: string) => context.addIssue({ code: 'custom', path: ['end'], message })
  if (end === undefined) return
  if (duration !== undefined) issue('give either `duration` or `end`, not both')
  else if (end <= start) issue('must be after `start`')
}

/** The same range with a duration in place of its end. */
export const withDuration = <R extends Range>({ end, ...range }: R): Omit<R, 'end'> =>
  end === undefined ? range : { ...range, duration: toMicroseconds(end - range.start) }
