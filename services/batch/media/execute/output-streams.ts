import { Transform, type TransformCallback, type Writable } from 'node:stream'
import type { Plan, PlannedOutput } from '../plan/types.ts'
import type { SentOutput, StreamOutput } from '../types.ts'

/** The outputs of a plan that are sent while they are being written. */
export type OutputStreams = {
  /** Where their bytes go, by the path that the plan gives them. */
  sinks: ReadonlyMap<string, Writable>
  /** Aborts with the store's error when one of them cannot be stored: there is no point in going on. */
  failed: AbortSignal
  /** Lets the bodies end, and waits until all is stored. Only now do the outputs appear. */
  finish(): Promise<Map<PlannedOutput, SentOutput>>
  /** Breaks the bodies off, and removes what was stored all the same. Does not throw. */
  abandon(reason: unknown): Promise<void>
}

/** Opens a stream for every output whose container loses nothing when it is written front to back. */
export function openOutputStreams(plan: Plan, send: StreamOutput | undefined): OutputStreams {
  const failing = new AbortController()
  const ended = Promise.withResolvers<void>()
  ended.promise.catch(() => {})
  const streams = plan.outputs.flatMap((output) => {
    if (!send || !output.streams) return []
    const gate = holdEnd(ended.promise)
    const sending = send(output, gate)
    sending.catch((error: unknown) => failing.abort(error))
    return [{ output, gate, sending }]
  })
  return {
    sinks: new Map(streams.map(({ output, gate }) => [output.path, gate])),
    failed: failing.signal,
    async finish() {
      ended.resolve()
      return new Map(
        await Promise.all(streams.map(async ({ output, sending }) => [output, await sending] as const)),
      )
    },
    async abandon(reason) {
      const error =
        reason instanceof Error ? reason : new Error('The render was abandoned.', { cause: reason })
      ended.reject(error)
      for (const { gate } of streams) gate.destroy(error)
      const results = await Promise.allSettled(streams.map(({ sending }) => sending))
      // What cannot be removed is an orphaned object of an attempt that no row names; the sweep removes it.
      await Promise.allSettled(
        results.map((result) => (result.status === 'fulfilled' ? result.value.remove() : undefined)),
      )
    },
  }
}

/**
 * Passes bytes on and holds back their end until it is known to be one: a reader cannot tell an ffmpeg that died from
 * one that is done, since both close the pipe.
 */
function holdEnd(ended: Promise<void>): Transform {
  const gate = new Transform({
    transform: (chunk: Buffer, _: BufferEncoding, done: TransformCallback) => done(null, chunk),
    flush: (done: TransformCallback) => void ended.then(() => done(), done),
  })
  // It may be destroyed before anybody listens.
  gate.on('error', () => {})
  return gate
}
