/**
 * The times of the frames of a stream that were reported, in seconds on the graph's clock, in the order in which they reached it.
 * By the ids that the filters were given.
 */
export type FrameReports = Map<string, number[]>

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
      // A frame without a time tells nothing.
      if (Number.isNaN(seconds)) return true
      const times = reports.get(id) ?? []
      times.push(seconds)
      reports.set(id, times)
      return true
    },
  }
}

const FRAME_LINE = /^frame:\d+\s+pts:\S+\s+pts_time:(\S+)$/
const KEY_LINE = new RegExp(`^${FRAME_REPORT_KEY}=(\\S+)$`)
