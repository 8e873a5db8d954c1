import {
  type Context,
  context,
  type Link,
  ROOT_CONTEXT,
  type SpanContext,
  SpanKind,
  SpanStatusCode,
  trace,
} from '@opentelemetry/api'
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http'
import { resourceFromAttributes } from '@opentelemetry/resources'
import {
  AlwaysOnSampler,
  BatchSpanProcessor,
  NodeTracerProvider,
  RandomIdGenerator,
} from '@opentelemetry/sdk-trace-node'
import { googleHeaders, isGoogle } from './google-headers.ts'
import type { Span, SpanOptions, Tracer, TracingOptions } from './tracer.ts'

const KINDS = {
  server: SpanKind.SERVER,
  client: SpanKind.CLIENT,
  producer: SpanKind.PRODUCER,
  consumer: SpanKind.CONSUMER,
}
const SAMPLED = 1
const TRACEPARENT = /^00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})$/

/** A tracer that sends its spans to an OTLP receiver: a collector, Jaeger, or Google Cloud's Telemetry API. */
export function createOtlpTracer(options: TracingOptions & { endpoint: string }): Tracer {
  const url = `${options.endpoint.replace(/\/$/, '')}/v1/traces`
  const ids = new ChosenIds()
  const provider = new NodeTracerProvider({
    idGenerator: ids,
    // A task's trace is whole or useless, and there are few of them.
    sampler: new AlwaysOnSampler(),
    resource: resourceFromAttributes({
      'service.name': `cutroom-${options.service}`,
      'service.version': options.version,
      ...(options.project && { 'gcp.project_id': options.project }),
    }),
    spanProcessors: [
      new BatchSpanProcessor(
        new OTLPTraceExporter({ url, ...(isGoogle(url) && { headers: googleHeaders(options.project) }) }),
      ),
    ],
  })
  // Makes the current span follow promises and callbacks.
  provider.register()
  const tracer = provider.getTracer('cutroom')

  function run<T>(name: string, options: SpanOptions, work: (span: Span) => Promise<T>): Promise<T> {
    const { kind, attributes = {} } = options
    const parent = parentOf(options)
    const links = linksOf(options)
    return tracer.startActiveSpan(
      name,
      { kind: kind ? KINDS[kind] : SpanKind.INTERNAL, attributes, links },
      parent,
      async (span) => {
        try {
          return await work({
            set: (more) => void span.setAttributes(more),
            rename: (other) => void span.updateName(other),
            fail: (message) => void span.setStatus({ code: SpanStatusCode.ERROR, message }),
          })
        } catch (error) {
          const { message } = error instanceof Error ? error : new Error(String(error))
          span.setStatus({ code: SpanStatusCode.ERROR, message })
          throw error
        } finally {
          span.end()
        }
      },
    )
  }

  return {
    run,
    beginTask(taskId) {
      const cause = trace.getActiveSpan()
      ids.next = rootOf(taskId)
      const links = cause ? [{ context: cause.spanContext() }] : []
      const root = tracer.startSpan('task', { root: true, links, attributes: { 'cutroom.task.id': taskId } })
      ids.next = undefined
      cause?.addLink({ context: root.spanContext() })
      root.end()
    },
    current() {
      const own = trace.getActiveSpan()?.spanContext()
      return own && `00-${own.traceId}-${own.spanId}-0${SAMPLED}`
    },
    close: () => provider.shutdown(),
  }
}

/** Ids that are random, except while they are chosen. */
class ChosenIds extends RandomIdGenerator {
  next: SpanContext | undefined

  override generateTraceId = (): string => this.next?.traceId ?? random.generateTraceId()

  override generateSpanId = (): string => this.next?.spanId ?? random.generateSpanId()
}
const random = new RandomIdGenerator()

/** The first span of a task's trace: both ids derive from the id of the task. */
function rootOf(taskId: string): SpanContext {
  const traceId = taskId.replaceAll('-', '')
  // The end of a UUID is random also where its beginning is a time.
  return { traceId, spanId: traceId.slice(16), traceFlags: SAMPLED, isRemote: true }
}

function parentOf({ taskId, parent }: SpanOptions): Context {
  const remote = taskId ? rootOf(taskId) : readTraceparent(parent)
  return remote ? trace.setSpanContext(ROOT_CONTEXT, remote) : context.active()
}

function linksOf({ taskId, link }: SpanOptions): Link[] {
  const linked = readTraceparent(link)
  const current = taskId ? trace.getActiveSpan()?.spanContext() : undefined
  return [linked, current].flatMap((each) => (each ? [{ context: each }] : []))
}

function readTraceparent(text: string | undefined): SpanContext | undefined {
  const [, traceId, spanId] = TRACEPARENT.exec(text ?? '') ?? []
  return traceId && spanId ? { traceId, spanId, traceFlags: SAMPLED, isRemote: true } : undefined
}
