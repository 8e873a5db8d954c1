import type { ChildProcess } from 'node:child_process'
import { pipeline, type Readable, type Writable } from 'node:stream'
import ffmpeg, { type FfmpegCommand } from 'fluent-ffmpeg'
import { CutroomError } from '#shared/errors.ts'
import { traced } from '#shared/observability/tracing.ts'
import { GLOBAL_OPTIONS, type Run } from './command-line.ts'
import { failedSubject } from './failed-inputs.ts'
import {
  type GuardedCommand,
  guardedCommand,
  type ProcessGuard,
  terminateProcessGroup,
  toolEnvironment,
} from './guarded-process.ts'
import { hasWriteError, interpretFailure, isOutOfMemory } from './interpret-stderr.ts'
import { createJobMemory, type JobMemory } from './job-memory.ts'
import { createStderrReader, type RunResult } from './stderr-reader.ts'

export type { RunResult } from './stderr-reader.ts'

/** `memory`: of the job that the runs belong to; that of the guard when left out. A run takes all of it. */
export type RunnerOptions = { ffmpeg: string; guard: ProcessGuard; memory?: JobMemory }

export type RunOptions = {
  deadlineMs: number
  signal: AbortSignal
  /** About what the run needs, in bytes; it has no less than the job has anyway. */
  memoryBytes?: number
  /** Receives the share of the run that is done, from 0 to 1, never falling. */
  onProgress?: (share: number) => void
  /** Streams that receive an output instead of the disk, by the path that the run gives the output. */
  sinks?: ReadonlyMap<string, Writable>
}

/** Runs ffmpeg once. */
export type Runner = (run: Run, options: RunOptions) => Promise<RunResult>

/**
 * A runner on top of fluent-ffmpeg. A run that was refused memory is repeated with all of the worker's. Once its promise settles, no process of the run is left.
 * @throws CutroomError `media.timed_out` past the deadline, what `interpretFailure` makes of any other failure, and
 * the signal's reason when aborted.
 */
export function createRunner({
  ffmpeg: binary,
  guard,
  memory = createJobMemory(guard.memoryBytes),
}: RunnerOptions): Runner {
  const runWithAll = (run: Run, options: RunOptions) =>
    memory.grant(memory.total, options.signal, () =>
      traced('ffmpeg', { attributes: { 'cutroom.inputs': run.inputs.length } }, () =>
        runOnce(run, guardedCommand(binary, { ...guard, memoryBytes: memory.total }), options),
      ),
    )
  return async (run, options) => {
    if (memory.total > 0) await memory.grow(options.memoryBytes ?? 0, options.signal)
    try {
      return await runWithAll(run, options)
    } catch (error) {
      // What went to a sink cannot be taken back.
      if (!isOutOfMemory(error) || options.sinks?.size) throw error
      if (!(await memory.grow(Number.POSITIVE_INFINITY, options.signal))) throw error
      return runWithAll(run, options)
    }
  }
}

function runOnce(
  run: Run,
  guarded: GuardedCommand,
  { deadlineMs, signal, onProgress = () => {}, sinks = new Map() }: RunOptions,
): Promise<RunResult> {
  return new Promise((resolve, reject) => {
    signal.throwIfAborted()
    const command = buildCommand(run, guarded, sinks)
    const stderr = createStderrReader(run.seconds, onProgress)
    let stopped: { reason: unknown } | undefined
    const stop = (reason: unknown) => {
      stopped ??= { reason }
      if (command.ffmpegProc) terminateProcessGroup(command.ffmpegProc)
    }
    const abort = () => stop(signal.reason)
    const deadline = setTimeout(() => stop(timedOut(deadlineMs)), deadlineMs)
    signal.addEventListener('abort', abort)
    const settle = (failure?: CutroomError) => {
      clearTimeout(deadline)
      signal.removeEventListener('abort', abort)
      if (stopped) reject(stopped.reason)
      else if (failure) reject(failure)
      else resolve(withSubject(stderr.result(), run))
    }
    command
      .on('start', () => {
        connectSinks(command.ffmpegProc, run, sinks)
        // The abort may have come before fluent-ffmpeg started ffmpeg.
        if (stopped) stop(stopped.reason)
      })
      .on('stderr', stderr.read)
      .on('error', (error: Error) => {
        const { lines } = stderr.result()
        settle(interpretFailure({ exit: exitOf(error), lines, inputs: run.inputs }))
      })
      .on('end', () => {
        const { lines } = stderr.result()
        settle(
          hasWriteError(lines) ? interpretFailure({ exit: 'at the end of the output', lines }) : undefined,
        )
      })
      .run()
  })
}

const withSubject = (result: RunResult, { inputs }: Run): RunResult =>
  result.lines.length > 0 ? { ...result, subject: failedSubject(result.lines, inputs) } : result

const timedOut = (deadlineMs: number) =>
  new CutroomError('media.timed_out', `ffmpeg was stopped at its time limit of ${deadlineMs / 1000} s.`)

/** The "ffmpeg exited with code 1" in fluent-ffmpeg's longer message. */
const exitOf = (error: Error) =>
  /ffmpeg (exited with code \d+|was killed with signal \w+)/.exec(error.message)?.[0] ??
  'ffmpeg did not start'

/** The private members of fluent-ffmpeg's commands that this file uses. */
type PrivateMembers = {
  ffmpegProc?: ChildProcess
  _getFfmpegPath(callback: (error: Error | null, path: string) => void): void
  _checkCapabilities(callback: (error?: Error | null) => void): void
  _spawnFfmpeg(args: string[], options: object, ...callbacks: unknown[]): void
}

/** What its callbacks are given instead of an error; its types do not know of that. */
const NO_ERROR = null as unknown as Error

/**
 * A fluent-ffmpeg command for a run. fluent-ffmpeg starts ffmpeg in our own process group, where its `kill()` and
 * time-out reach ffmpeg alone or not at all, and version 2.1.3 is its last. So its only method that spawns is made
 * to start the guarded command in a process group of its own, which `createRunner` terminates. Its 'progress' event
 * stays unused: a listener makes it probe the first input without a whitelist, and it reports no percentage.
 */
function buildCommand(
  { inputs, graph, files }: Run,
  [program, ...firstArgs]: GuardedCommand,
  sinks: ReadonlyMap<string, Writable>,
) {
  const piped = pipedPaths(files, sinks)
  const command = createCommand()
  const spawn = command._spawnFfmpeg.bind(command)
  command._getFfmpegPath = (callback) => callback(null, program)
  // It would parse the tables of `ffmpeg -formats` and `-encoders`, whose columns are others since ffmpeg 7. ffmpeg itself
  // says what it lacks.
  command._checkCapabilities = (callback) => callback(null)
  // It would list them in a run of its own, to allow experimental ones: none is used.
  command.availableEncoders = (callback) => callback(NO_ERROR, {})
  command._spawnFfmpeg = (args, options, ...callbacks) =>
    spawn(
      [...firstArgs, ...args],
      {
        ...options,
        detached: true,
        env: toolEnvironment(),
        stdio: ['ignore', 'pipe', 'pipe', ...piped.map(() => 'pipe')],
      },
      ...callbacks,
    )
  for (const [index, { source, options }] of inputs.entries()) {
    command.input(source)
    addOptions(index === 0 ? [...GLOBAL_OPTIONS, ...options] : options, (...items) =>
      command.inputOptions(...items),
    )
  }
  if (graph !== '') command.complexFilter(graph)
  for (const { path, options } of files) {
    const index = piped.indexOf(path)
    command.output(index < 0 ? path : `pipe:${FIRST_PIPE + index}`)
    addOptions(options, (...items) => command.outputOptions(...items))
  }
  return command
}

/**
 * A new, empty fluent-ffmpeg command.
 * @throws Error when this version of fluent-ffmpeg lacks a private method that `buildCommand` replaces: without it,
 * ffmpeg would run unguarded.
 */
export function createCommand(factory: () => FfmpegCommand = ffmpeg): FfmpegCommand & PrivateMembers {
  const command = factory() as FfmpegCommand & PrivateMembers
  for (const method of ['_getFfmpegPath', '_checkCapabilities', '_spawnFfmpeg'] as const) {
    if (typeof command[method] !== 'function') {
      throw new Error(
        `This version of fluent-ffmpeg has no private method ${method}, which run-ffmpeg.ts replaces to guard ffmpeg. ` +
          'Install fluent-ffmpeg 2.1.3 again, or adapt buildCommand in run-ffmpeg.ts.',
      )
    }
  }
  return command
}

/** The first file descriptor after stdin, stdout and stderr. */
const FIRST_PIPE = 3

/** The outputs that go to a sink; each gets a pipe of its own, in this order. */
const pipedPaths = (files: Run['files'], sinks: ReadonlyMap<string, Writable>) =>
  files.map(({ path }) => path).filter((path) => sinks.has(path))

/**
 * Passes on what ffmpeg writes to its pipes, with back-pressure. These are pipes of the process and not named
 * pipes: they close whenever ffmpeg ends, and opening them blocks nobody.
 */
function connectSinks(child: ChildProcess | undefined, run: Run, sinks: ReadonlyMap<string, Writable>) {
  for (const [index, path] of pipedPaths(run.files, sinks).entries()) {
    // An error on either side ends both. The sink's owner sees it there, and the run reports its own end.
    pipeline(child?.stdio[FIRST_PIPE + index] as Readable, sinks.get(path) as Writable, () => {})
  }
}

/** fluent-ffmpeg splits a single item at its spaces; two or more items stay as they are. */
function addOptions(options: string[], add: (...items: string[]) => unknown) {
  if (options.length === 1) {
    throw new Error(`Pass the ffmpeg option ${options[0]} together with its value.`)
  }
  if (options.length > 1) add(...options)
}
