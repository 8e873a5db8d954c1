export type Attributes = Record<string, string | number | boolean>

export type SpanOptions = {
  kind?: 'server' | 'client' | 'producer' | 'consumer'
  attributes?: Attributes
  /** The span that this one continues, as a W3C `traceparent`; the current span when left out. */
  parent?: string | undefined
  /** The span belongs to the trace of this task. */
  taskId?: string
  /** Another span that led to this one, as a `traceparent`. */
  link?: string | undefined
}

/** A span while its work runs. */
export type Span = {
  set(attributes: Attributes): void
  /** Replaces the name, once more is known than at the start. */
  rename(name: string): void
  /** For what is not thrown. */
  fail(message: string): void
}

export type Tracer = {
  /** Runs work within a span, which ends with it; what it throws is recorded and thrown. */
  run<T>(name: string, options: SpanOptions, work: (span: Span) => Promise<T>): Promise<T>
  /** The root of a task's trace, linked to the current span. */
  beginTask(taskId: string): void
  /** The current span as a W3C `traceparent`: https://www.w3.org/TR/trace-context/ */
  current(): string | undefined
  /** Sends what has not been sent. */
  close(): Promise<void>
}

export type TracingOptions = {
  /** Base URL of an OTLP receiver over HTTP, without /v1/traces. */
  endpoint: string | undefined
  service: string
  version: string
  /** The Google Cloud project that pays for and keeps the traces, where the endpoint is Google's. */
  project: string
}
