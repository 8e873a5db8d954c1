import type { CutroomError } from '#shared/errors.ts'
import type { RangeServer } from './range-server.ts'

/** What goes behind ffmpeg's `-i`, the options before it, and why bytes were missing, if they were. */
export type SourceInput = {
  url: string
  inputOptions: string[]
  readError(): CutroomError | undefined
  /** The file that ffmpeg opens, where that is outside of the directory of its job. */
  file?: string
  /** What tells one version of the file from another. */
  version?: { bytes: number; tag: string | null }
}

/** Input options for a copy on the scratch disk. */
export const copiedInput = (path: string): Pick<SourceInput, 'url' | 'inputOptions'> => ({
  url: `file:${path}`,
  inputOptions: ['-protocol_whitelist', 'file'],
})

/** Input options for an object that the store keeps in a file. */
export const storedInput = (path: string): Pick<SourceInput, 'url' | 'inputOptions' | 'file'> => ({
  ...copiedInput(path),
  file: path,
})

/** ffmpeg waits this many times as long as the reader, which gives up first and knows why. */
const FFMPEG_TIMEOUT_FACTOR = 4

/** Input options for a source that the range server serves. */
export const servedInput = (
  url: string,
  { origin }: Pick<RangeServer, 'origin'>,
  readTimeoutMs: number,
): Pick<SourceInput, 'url' | 'inputOptions'> => ({
  url,
  inputOptions: [
    ...['-protocol_whitelist', 'http,tcp'],
    // If a file ever gets ffmpeg to open a URL that it names, ffmpeg sends the request to the range server as its
    // proxy, which answers 404.
    ...['-http_proxy', origin],
    // In microseconds.
    ...['-rw_timeout', String(readTimeoutMs * FFMPEG_TIMEOUT_FACTOR * 1000)],
  ],
})
