import type { FailedSubject } from './failed-inputs.ts'
import { createFrameReportReader, type FrameReports } from './frame-reports.ts'

/**
 * What a run leaves for its caller to judge: the last lines of ffmpeg's stderr, not redacted; how many frames ffmpeg
 * duplicated; and which frames of its sources it reported. Plans give every frame its timestamp, so a duplicated frame
 * stands for a missing one. `subject`: the kind of input that the lines are about.
 */
export type RunResult = {
  lines: string[]
  duplicatedFrames: number
  reports: FrameReports
  subject?: FailedSubject
}

export type StderrReader = {
  /** Takes the next line that ffmpeg prints. */
  read(line: string): void
  result(): RunResult
}

const MAX_LINES = 40

/**
 * Reads the stderr of one run, where `-progress` and ffmpeg's own messages alternate. Reports the share of the run
 * that is done, from 0 to 1 and never falling, and keeps the last 40 messages. `seconds` is the run's length.
 */
export function createStderrReader(seconds: number, onProgress: (share: number) => void): StderrReader {
  const lines: string[] = []
  const frames = createFrameReportReader()
  let duplicatedFrames = 0
  let share = 0

  function readProgress(key: string, value: string) {
    if (key === 'dup_frames') duplicatedFrames = Number(value)
    const reached = key === 'out_time_us' ? Math.min(1, Number(value) / 1_000_000 / seconds) : 0
    // `out_time_us` is N/A until the first frame is written.
    if (!(reached > share)) return
    share = reached
    onProgress(share)
  }

  return {
    read(line) {
      const [, key, value = ''] = PROGRESS_LINE.exec(line) ?? []
      if (key) return readProgress(key, value)
      if (frames.read(line) || line.trim() === '') return
      lines.push(line)
      if (lines.length > MAX_LINES) lines.shift()
    },
    result: () => ({ lines, duplicatedFrames, reports: frames.reports }),
  }
}

/** The keys that `-progress` prints: https://ffmpeg.org/ffmpeg.html#Main-options */
const PROGRESS_LINE =
  /^(frame|fps|stream_\d+_\d+_\w+|bitrate|total_size|out_time\w*|dup_frames|drop_frames|speed|progress)=\s*(.*)$/
