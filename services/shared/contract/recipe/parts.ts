import { z } from 'zod'
import { checkRange, rangeFields, storedRangeFields, withDuration } from './range.ts'
import { seconds } from './seconds.ts'

/** The most parts that `at` can ask for is one more. */
const MAX_CUTS = 499
/** Each clip is an input of ffmpeg, as a source is. */
const MAX_CLIPS = 20

const NOT_SUPPORTED = 'Supports one output; bumper clips and thumbnails are not supported.'

export const Split = z
  .strictObject({
    every: seconds(z.number().min(1).max(3600)).optional().meta({
      description: 'Duration of each part, in seconds or as a timecode. The last part may be shorter.',
      example: 20,
    }),
    at: z
      .array(seconds(z.number().min(0.1).max(86_400)))
      .min(1)
      .max(MAX_CUTS)
      .optional()
      .meta({
        description:
          'Where to cut, in place of `every`: ascending times in the result, bumpers not counted, in seconds or as timecodes, at ' +
          'least 0.1 s apart.',
        example: [20, '1:02.5'],
      }),
  })
  .superRefine(({ every, at }, context) => {
    const issue = (path: (string | number)[], message: string) =>
      context.addIssue({ code: 'custom', path, message })
    if ((every === undefined) === (at === undefined)) issue(['every'], 'give either `every` or `at`')
    for (const [i, time] of (at ?? []).entries()) {
      if (i > 0 && time < (at?.[i - 1] ?? 0) + 0.1)
        issue(['at', i], 'must be at least 0.1 s after the one before')
    }
  })
  .meta({ id: 'Split', description: `Cuts the result into parts. ${NOT_SUPPORTED}` })

/** A name of a file without its extension. */
export const FileName = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9_-]{0,59}$/, {
  error: 'must be 1 to 60 letters, digits, `_` or `-`, and start with a letter or digit',
})

const name = FileName.optional().meta({
  description: 'File name without extension. Defaults to `clip-001` and so on.',
})

const ClipRange = z
  .strictObject({ ...rangeFields, name })
  .superRefine(checkRange)
  .transform(withDuration)
  .pipe(z.object({ ...storedRangeFields, name }))
  .meta({ id: 'Clip', description: 'A range of the source, and its file.' })

export const Clips = z
  .array(ClipRange)
  .min(1)
  .max(MAX_CLIPS)
  .superRefine((clips, context) => {
    const names = clipNames(clips)
    for (const [i, each] of names.entries()) {
      if (names.indexOf(each) === i) continue
      const message = `another clip is already called ${each}; give each clip its own \`name\``
      context.addIssue({ code: 'custom', path: [i, 'name'], message })
    }
  })
  .meta({
    description: `Ranges of the one source, each of which becomes a file. They may overlap, and come in any order. ${NOT_SUPPORTED}`,
    examples: [[{ start: '1:02', end: '1:20.5', name: 'opening' }]],
  })

export type Split = z.infer<typeof Split>

/** The names of the files of clips, without extension. */
export const clipNames = (clips: { name?: string | undefined }[]): string[] =>
  clips.map((clip, i) => clip.name ?? `clip-${String(i + 1).padStart(3, '0')}`)
