import { CutroomError } from '#shared/errors.ts'

/** A `media.unreadable` error; `why` is a clause such as "its duration is zero". */
export const unreadableSource = (why: string, cause?: unknown) =>
  new CutroomError(
    'media.unreadable',
    `Cannot use the source: ${why}. Check that it is a complete video or audio file.`,
    { cause },
  )

/** A `media.unreadable` error for a format such as "codec magicyuv" or "container hls". */
export const unsupportedFormat = (format: string, cause?: unknown) =>
  new CutroomError(
    'media.unreadable',
    `Cannot use the source: the ${format} is not supported. Convert it first, for example to MP4 with H.264 and AAC.`,
    { cause },
  )

/** A `media.unreadable` error for a file to which others were joined that ffmpeg does not read; `seconds`: where the first ends. */
export const unreadJoinedFile = (seconds: number) =>
  new CutroomError(
    'media.unreadable',
    `Cannot use the source: after ${seconds.toFixed(1)} s it continues as another file, whose content would be lost. List the joined ` +
      'files as separate sources, or convert the source to one continuous file first.',
  )
