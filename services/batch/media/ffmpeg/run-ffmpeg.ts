import type { ChildProcess } from 'node:child_process'
import { pipeline, type Readable, type Writable } from 'node:stream'
import ffmpeg, { type FfmpegCommand } from 'fluent-ffmpeg'
import { CutroomError } from '#shared/errors.ts'
import { GLOBAL_OPTIONS, type Run } from './command-line.ts'
import { guardedCommand, type ProcessGuard, terminateProcessGroup } from './guarded-process.ts'
import { hasWriteError, interpretFailure } from './interpret-stderr.ts'

export type RunnerOptions = { ffmpeg: string; guard: ProcessGuard }

export type RunOptions = {
  deadlineMs: number
  signal: AbortSignal
  /** Hears the share of the run that is done, 0 to 1, never falling. */
  onProgress?: (share: number) => void
  /** Where the bytes of files go that are not to lie anywhere, by the path the run gives them. */
  sinks?: ReadonlyMap<string, Writable>
}

/**
 * What an ended run leaves to be judged: ffmpeg's last lines, unscrubbed, and how many frames it had to repeat
 * since none came. Plans give every frame its place, so a repeated one stands for one that was not there.
 */
export type RunResult = { lines: string[]; duplicatedFrames: number }

/** Runs ffmpeg once. */
export type Runner = (run: Run, options: RunOptions) => Promise<RunResult>

const LINES_KEPT = 40

/**
 * A runner over fluent-ffmpeg. It throws `media.timed_out` past the deadline, the signal's reason when aborted,
 * and what complaints.ts makes of any other failure. When it settles, no process of the run is left.
 */
export function createRunner({ ffmpeg: binary, guard }: RunnerOptions): Runner {
  const guarded = guardedCommand(binary, guard)
  return (run, { deadlineMs, signal, onProgress = () => {}, sinks = new Map() }) =>
    new Promise((resolve, reject) => {
      signal.throwIfAborted()
      const taken = run.files.flatMap(({ path }) => sinks.get(path) ?? [])
      const command = build(run, guarded, sinks)
      const lines: string[] = []
      let ending: { error: unknown } | undefined
      let share = 0
      let duplicatedFrames = 0
      const end = (error: unknown) => {
        ending ??= { error }
        if (command.ffmpegProc) terminateProcessGroup(command.ffmpegProc)
      }
      const abort = () => end(signal.reason)
      const late = () =>
        end(
          new CutroomError('media.timed_out', `ffmpeg took more than ${deadlineMs / 1000} s and was ended.`),
        )
      const deadline = setTimeout(late, deadlineMs)
      signal.addEventListener('abort', abort)
      const settle = (act: () => void) => {
        clearTimeout(deadline)
        signal.removeEventListener('abort', abort)
        if (ending) reject(ending.error)
        else act()
      }
      command
        // An abort may come while fluent-ffmpeg still asks ffmpeg for its formats.
        .on('start', () => {
          for (const [i, sink] of taken.entries()) connect(command.ffmpegProc, FIRST_SPARE + i, sink)
          if (ending) end(ending.error)
        })
        .on('stderr', (line: string) => {
          const seconds = secondsDone(line)
          if (seconds === undefined) return keepLine(lines, line)
          if (line.startsWith('dup_frames=')) duplicatedFrames = Number(line.slice('dup_frames='.length))
          const now = Math.min(1, seconds / run.seconds)
          if (now <= share) return
          share = now
          onProgress(share)
        })
        .on('error', (error: Error) =>
          settle(() => reject(interpretFailure({ exit: exitOf(error), lines, pictures: picturesOf(run) }))),
        )
        .on('end', () =>
          settle(() =>
            hasWriteError(lines)
              ? reject(interpretFailure({ exit: 'at its end', lines }))
              : resolve({ lines, duplicatedFrames }),
          ),
        )
        .run()
    })
}

const picturesOf = ({ inputs }: Run) => inputs.flatMap(({ source, image }) => (image ? [source] : []))

/** What this file needs of fluent-ffmpeg's inside. */
type Innards = {
  ffmpegProc?: ChildProcess
  _getFfmpegPath(found: (error: Error | null, path: string) => void): void
  _spawnFfmpeg(args: string[], options: object, ...callbacks: unknown[]): void
}

/**
 * A fluent-ffmpeg command for a run. fluent-ffmpeg 2.1.3 is the last there will be, and starts ffmpeg in our
 * own process group, where its kill() and time-out reach ffmpeg alone or not at all. So the one method that
 * spawns is handed a guarded command and a group of its own, and ending it is done here. Its 'progress' event
 * is left alone: listening to it makes it probe the first input with no whitelist, and gives no percentage.
 */
function build(
  { inputs, graph, files }: Run,
  [tool, ...prefix]: [string, ...string[]],
  sinks: ReadonlyMap<string, Writable>,
) {
  const piped = files.filter(({ path }) => sinks.has(path)).map(({ path }) => path)
  const command = ffmpeg() as FfmpegCommand & Innards
  const spawn = command._spawnFfmpeg.bind(command)
  command._getFfmpegPath = (found) => found(null, tool)
  command._spawnFfmpeg = (args, options, ...callbacks) =>
    spawn(
      [...prefix, ...args],
      { ...options, detached: true, stdio: ['ignore', 'pipe', 'pipe', ...piped.map(() => 'pipe')] },
      ...callbacks,
    )
  for (const [place, { source, options }] of inputs.entries()) {
    command.input(source)
    asItems(place === 0 ? [...GLOBAL_OPTIONS, ...options] : options, (...items) =>
      command.inputOptions(...items),
    )
  }
  if (graph !== '') command.complexFilter(graph)
  for (const { path, options } of files) {
    const place = piped.indexOf(path)
    command.output(place < 0 ? path : `pipe:${FIRST_SPARE + place}`)
    asItems(options, (...items) => command.outputOptions(...items))
  }
  return command
}

/** The first file descriptor behind stdin, stdout and stderr. */
const FIRST_SPARE = 3

/**
 * Hands on what ffmpeg writes to a descriptor, no faster than it is taken. A pipe of the process itself, not a
 * FIFO: it closes with ffmpeg however that ends, and opening it blocks nobody.
 */
function connect(process: ChildProcess | undefined, descriptor: number, sink: Writable) {
  // Either side's fault ends both; who made the sink hears of it there, and the run's own end is told elsewhere.
  pipeline(process?.stdio[descriptor] as Readable, sink, () => {})
}

/** fluent-ffmpeg splits a single option at its space; two or more it takes as they are. */
function asItems(options: string[], give: (...items: string[]) => unknown) {
  if (options.length === 1) throw new Error(`ffmpeg options come with their values: ${options[0]}`)
  if (options.length > 1) give(...options)
}

/** Keys of `-progress` that are no complaint. */
const PROGRESS_LINE =
  /^(frame|fps|stream_\d+_\d+_\w+|bitrate|total_size|out_time\w*|dup_frames|drop_frames|speed|progress)=\s*(.*)$/

/** Seconds made so far when the line is one of `-progress`; undefined when ffmpeg says something else. */
export function secondsDone(line: string): number | undefined {
  const [, key, value] = PROGRESS_LINE.exec(line) ?? []
  if (key === undefined) return undefined
  const microseconds = key === 'out_time_us' ? Number(value) : 0
  return Number.isFinite(microseconds) ? Math.max(0, microseconds / 1_000_000) : 0
}

function keepLine(lines: string[], line: string) {
  if (line.trim() === '') return
  lines.push(line)
  if (lines.length > LINES_KEPT) lines.shift()
}

/** "ffmpeg exited with code 1" out of the longer message. */
const exitOf = (error: Error) =>
  /ffmpeg (exited with code \d+|was killed with signal \w+)/.exec(error.message)?.[1] ?? 'it did not start'
