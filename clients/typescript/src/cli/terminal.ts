import { CutroomError } from '../errors.ts'
import { EXIT, exitCodeOf } from './exit-codes.ts'
import { type Progress, progressLine } from './progress-line.ts'

/** Where commands write: results to stdout, everything else to stderr. */
export type Terminal = {
  /** With --json, `value` as a line of JSON; otherwise `text`, if there is any. */
  result(value: unknown, text?: string): void
  /** A line for people; nothing with --json. */
  note(text: string): void
  /** Shows or replaces a line of progress, on a terminal only. */
  progress(key: string, progress: Progress): void
  /** Removes a line of progress, or all of them. */
  endProgress(key?: string): void
  /** Prints what has failed, with the exit code that it means. */
  fail(error: unknown, exitCode?: number): void
}

const CLEAR_TO_END = '\x1b[0J'

export function createTerminal(
  isJson: boolean,
  stdout: NodeJS.WriteStream = process.stdout,
  stderr: NodeJS.WriteStream = process.stderr,
): Terminal {
  const rows = new Map<string, Progress>()
  const isLive = !isJson && stderr.isTTY === true
  let shown = 0

  function draw(): void {
    // 0 where the size of a terminal is unknown.
    const width = (stderr.columns || 80) - 1
    const height = Math.max((stderr.rows || 24) - 1, 1)
    const up = shown > 0 ? `\x1b[${shown}A` : ''
    // The cursor cannot go up beyond the top of the terminal, so older lines would stay.
    const lines = [...rows.values()].slice(0, height).map((row) => `${progressLine(row, width)}\n`)
    stderr.write(`${up}\r${CLEAR_TO_END}${lines.join('')}`)
    shown = lines.length
  }

  /** Writes above the lines of progress. */
  function above(write: () => void): void {
    const kept = new Map(rows)
    endProgress()
    write()
    for (const [key, line] of kept) rows.set(key, line)
    if (isLive && rows.size > 0) draw()
  }

  function endProgress(key?: string): void {
    if (key === undefined) rows.clear()
    else if (!rows.delete(key)) return
    if (isLive && shown > 0) draw()
  }

  return {
    result(value, text) {
      if (isJson) stdout.write(`${JSON.stringify(value)}\n`)
      else if (text) above(() => stdout.write(`${printable(text)}\n`))
    },
    note(text) {
      if (!isJson) above(() => stderr.write(`${printable(text)}\n`))
    },
    progress(key, { label, ...progress }) {
      rows.set(key, { ...progress, label: printable(label) })
      if (isLive) draw()
    },
    endProgress,
    fail(error, exitCode = exitCodeOf(error)) {
      const text = isJson ? JSON.stringify({ error: toJson(error, exitCode) }) : printable(toText(error))
      above(() => stderr.write(`${text}\n`))
    },
  }
}

/** Without control characters, which names of files and replies could have for a terminal to obey. */
const printable = (text: string) => text.replace(/[^\P{Cc}\n]/gu, '\uFFFD')

/** Of errors that are none of the client or the service, by exit code. */
const CODES: Record<number, string> = { [EXIT.usage]: 'usage', [EXIT.interrupted]: 'interrupted' }

/** The parts of an error that programs act on. Replies of the service and arguments hold no key, so neither does an error. */
function toJson(error: unknown, exit_code: number): object {
  // Of the task that was waited for.
  const task_id = error instanceof Error && 'taskId' in error ? error.taskId : undefined
  if (error instanceof CutroomError) {
    const { code, detail, status, errors, requestId, retryable, advice } = error
    return { code, detail, status, errors, request_id: requestId, retryable, advice, task_id, exit_code }
  }
  return { code: CODES[exit_code] ?? 'unexpected', detail: messageOf(error), task_id, exit_code }
}

function toText(error: unknown): string {
  if (!(error instanceof CutroomError)) return `cutroom: ${messageOf(error)}`
  const { code, detail, errors, advice, requestId } = error
  // The detail names the fields too, in one line.
  const summary = errors.length > 0 ? detail.split(': ')[0] : detail
  const fields = errors.map(({ path, message }) => `  ${path}: ${message}`)
  const request = requestId ? `, request ${requestId}` : ''
  return [`cutroom: ${summary} (${code}${request})`, ...fields, ...(advice ? [advice] : [])].join('\n')
}

const messageOf = (error: unknown) => (error instanceof Error ? error.message : String(error))
