/**
 * When the first and the last frame of a stream that were reported reached the filter graph: seconds on the graph's clock.
 * By the ids that the filters were given.
 */
export type FrameReports = Map<string, { first: number; last: number }>

/** The key under which filters report frames, with the id of their stream as value. */
export const FRAME_REPORT_KEY = 'cutroom'

/** `read` returns whether a line belonged to a report. */
export type FrameReportReader = { read(line: string): boolean; reports: FrameReports }

/**
 * Reads what the filters `metadata` and `ametadata` print about a frame: a line with its time, and one with the key.
 * https://ffmpeg.org/ffmpeg-filters.html#metadata_002c-ametadata
 */
export function createFrameReportReader(): FrameReportReader {
  const reports: FrameReports = new Map()
  let seconds = Number.NaN

  return {
    reports,
    read(line) {
      const time = FRAME_LINE.exec(line)?.[1]
      if (time !== undefined) {
        seconds = Number(time)
        return true
      }
      const id = KEY_LINE.exec(line)?.[1]
      if (id === undefined) return false
      const { first = seconds, last = seconds } = reports.get(id) ?? {}
      // A frame without a time tells nothing.
      if (!Number.isNaN(seconds)) reports.set(id, { first, last: Math.max(last, seconds) })
      return true
    },
  }
}

const FRAME_LINE = /^frame:\d+\s+pts:\S+\s+pts_time:(\S+)$/
const KEY_LINE = new RegExp(`^${FRAME_REPORT_KEY}=(\\S+)$`)
