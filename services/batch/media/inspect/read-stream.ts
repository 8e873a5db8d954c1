import { Writable } from 'node:stream'
import { finished } from 'node:stream/promises'
import { CutroomError } from '#shared/errors.ts'
import { timestampOptions } from '../plan/seek.ts'
import { guardSource, type MediaInput } from '../probe/media-input.ts'
import type { ProbeResult } from '../probe/probe.ts'
import type { InspectOptions, RenderDeps } from '../types.ts'

export type InspectDeps = Pick<RenderDeps, 'probe' | 'runner' | 'settings'>

type StreamReading = {
  probed: Pick<ProbeResult, 'info' | 'times'>
  /** The stream's index. */
  index: number
  /** What ffmpeg makes of a stream. */
  outputOptions: string[]
  /** Receives that. What it returns says whether it has enough. */
  onChunk(chunk: Buffer): boolean
}

/**
 * Has ffmpeg read a stream from its beginning to its end and passes on what it makes of it. Returns whether it reached the end:
 * not when the file was too long, or there was enough.
 * @throws CutroomError what running throws; a source that could not be read throws its own error in place of ffmpeg's.
 */
export async function readStream(
  input: MediaInput,
  { probed: { info, times }, index, outputOptions, onChunk }: StreamReading,
  { runner, settings }: InspectDeps,
  { signal, readMs }: InspectOptions,
): Promise<boolean> {
  const enough = new AbortController()
  const sink = new Writable({
    write(chunk: Buffer, _encoding, done) {
      if (onChunk(chunk)) enough.abort(new Error('There is enough of the stream.'))
      done()
    },
  })
  // ffmpeg shifts a transport stream to the earliest stream that is used: with both of them, times are those of a trim.
  const others = [info.video, info.audio].flatMap((stream) =>
    times && stream && stream.index !== index
      ? [{ path: '-', options: ['-map', `0:${stream.index}`, '-c', 'copy', '-f', 'null'] }]
      : [],
  )
  const options = [...guardSource(input, settings.limits, info.container), ...timestampOptions(times)]
  const run = {
    inputs: [{ source: input.url, options }],
    graph: '',
    files: [{ path: SINK, options: outputOptions }, ...others],
    seconds: info.duration,
  }
  try {
    await runner(run, {
      deadlineMs: readMs,
      signal: AbortSignal.any([signal, enough.signal]),
      sinks: new Map([[SINK, sink]]),
    })
    // ffmpeg may have exited before the last of its output was read from the pipe.
    await finished(sink, { signal })
  } catch (error) {
    signal.throwIfAborted()
    if (enough.signal.aborted || isTimeout(error)) return false
    throw input.readError?.() ?? error
  }
  const readError = input.readError?.()
  if (readError) throw readError
  return true
}

const SINK = 'stream'

const isTimeout = (error: unknown) => error instanceof CutroomError && error.code === 'media.timed_out'
