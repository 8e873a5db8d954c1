import { type Readable, Transform, type TransformCallback, type Writable } from 'node:stream'
import type { Plan, PlannedOutput } from '../plan/types.ts'
import type { MediaInput } from '../probe/media-input.ts'

/** An output that is where it belongs: its size, a look at it there, and its removal. */
export type SentOutput = {
  bytes: number
  look<T>(act: (input: MediaInput) => Promise<T>): Promise<T>
  remove(): Promise<void>
}

/**
 * Takes an output's bytes while they are made, all or nothing: when the body fails, nothing must appear.
 * Rejects with the body's own error, or with the store's.
 */
export type StreamOutput = (
  output: Pick<PlannedOutput, 'name' | 'contentType'>,
  body: Readable,
) => Promise<SentOutput>

/** The outputs of a plan that leave while they are made. */
export type OutputStreams = {
  /** Where the bytes go, by the path that the plan gives them. */
  sinks: ReadonlyMap<string, Writable>
  /** Aborts when one of them cannot be stored, with what its store threw: going on would be of no use. */
  failed: AbortSignal
  /** Lets the bodies end, and waits until all is stored. Only now do the outputs appear. */
  finish(): Promise<Map<PlannedOutput, SentOutput>>
  /** Breaks the bodies off, and removes what had been stored all the same. Does not throw. */
  abandon(reason: unknown): Promise<void>
}

/** Opens a way out for every output whose container loses nothing when written forwards only. */
export function openOutputStreams(plan: Plan, send: StreamOutput | undefined): OutputStreams {
  const failing = new AbortController()
  const ended = Promise.withResolvers<void>()
  ended.promise.catch(() => {})
  const ways = plan.outputs.flatMap((output) => {
    if (!send || !output.streams) return []
    const gate = gateUntil(ended.promise)
    const sending = send(output, gate)
    sending.catch((error: unknown) => failing.abort(error))
    return [{ output, gate, sending }]
  })
  return {
    sinks: new Map(ways.map(({ output, gate }) => [output.path, gate])),
    failed: failing.signal,
    async finish() {
      ended.resolve()
      return new Map(
        await Promise.all(ways.map(async ({ output, sending }) => [output, await sending] as const)),
      )
    },
    async abandon(reason) {
      const error = reason instanceof Error ? reason : new Error('given up', { cause: reason })
      ended.reject(error)
      for (const { gate } of ways) gate.destroy(error)
      const sent = await Promise.allSettled(ways.map(({ sending }) => sending))
      // What stays is litter under an attempt that nobody names, and goes with the sweep.
      await Promise.allSettled(
        sent.map((one) => (one.status === 'fulfilled' ? one.value.remove() : undefined)),
      )
    },
  }
}

/**
 * Bytes pass; their end is held back until it is known to be one. A reader cannot tell an ffmpeg that died
 * from one that is done: both close the pipe.
 */
function gateUntil(ended: Promise<void>): Transform {
  const gate = new Transform({
    transform: (chunk: Buffer, _: BufferEncoding, done: TransformCallback) => done(null, chunk),
    flush: (done: TransformCallback) => void ended.then(() => done(), done),
  })
  // It may be broken off before anybody listens.
  gate.on('error', () => {})
  return gate
}
