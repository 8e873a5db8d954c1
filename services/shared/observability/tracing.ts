/**
 * Traces: spans that follow a task from the request through each job to ffmpeg's runs. Off unless an OTLP endpoint is set;
 * then, and only then, OpenTelemetry is loaded (otlp-tracer.ts). While it is off, a span costs a comparison.
 *
 * All jobs of a task share one trace, whose id is the id of the task without its dashes: a worker claims most jobs without a
 * message that could carry a trace, and whoever knows a task can find its trace. Spans of requests and messages link to it.
 */

import type { Span, SpanOptions, Tracer, TracingOptions } from './tracer.ts'

const NO_SPAN: Span = { set() {}, rename() {}, fail() {} }

let tracer: Tracer | undefined

/** Begins to trace where an endpoint is set. Returns what sends the last spans and ends it. */
export async function startTracing(options: TracingOptions): Promise<() => Promise<void>> {
  const { endpoint } = options
  if (endpoint === undefined) return async () => {}
  const { createOtlpTracer } = await import('./otlp-tracer.ts')
  const created = createOtlpTracer({ ...options, endpoint })
  tracer = created
  return async () => {
    tracer = undefined
    await created.close()
  }
}

/** Whether spans are recorded. */
export const isTracing = (): boolean => tracer !== undefined

/** Runs work within a span; just runs it when tracing is off. */
export const traced = <T>(
  name: string,
  options: SpanOptions,
  work: (span: Span) => Promise<T>,
): Promise<T> => (tracer ? tracer.run(name, options, work) : work(NO_SPAN))

/** Begins the trace of a task that was just created. */
export const beginTaskTrace = (taskId: string): void => tracer?.beginTask(taskId)

/** The current span, for a message or a header; undefined when tracing is off. */
export const currentTraceparent = (): string | undefined => tracer?.current()
