import winston from 'winston'
import { version } from '../version.ts'

/** Winston's levels as Cloud Logging's severities: https://cloud.google.com/logging/docs/structured-logging */
const SEVERITY: Record<string, string> = { error: 'ERROR', warn: 'WARNING', info: 'INFO', debug: 'DEBUG' }

/** A log line is a short constant sentence and fields. Recipes, tokens and passwords are never fields. */
export type Logger = {
  error(event: string, fields?: Record<string, unknown>): void
  warn(event: string, fields?: Record<string, unknown>): void
  info(event: string, fields?: Record<string, unknown>): void
  debug(event: string, fields?: Record<string, unknown>): void
  /** The same log with these fields on every line. */
  child(fields: Record<string, unknown>): Logger
}

export type LogOptions = { level: string; service: string; format: 'json' | 'text' }

const withSeverity = winston.format((line) => {
  line.severity = SEVERITY[line.level] ?? 'DEFAULT'
  return line
})

/** Makes Error Reporting group errors: https://cloud.google.com/error-reporting/docs/formatting-error-messages */
const REPORTED = 'type.googleapis.com/google.devtools.clouderrorreporting.v1beta1.ReportedErrorEvent'

/** What Cloud Logging and Error Reporting look for in a line of JSON. */
const forCloud = winston.format((line) => {
  const { service, level } = line
  line['logging.googleapis.com/labels'] = { service: String(service) }
  if (level === 'error') {
    line['@type'] = REPORTED
    line.serviceContext = { service, version }
  }
  return line
})

// An Error has no enumerable fields: without this, JSON would show {}.
const withErrors = winston.format((line) => {
  if (line.error instanceof Error) {
    const { error } = line
    line.error = error.message
    line.stack_trace = describeChain(error)
  }
  return line
})

/** The stack of an error and of every cause behind it. */
function describeChain(error: Error): string {
  const own = error.stack ?? `${error.name}: ${error.message}`
  return error.cause instanceof Error ? `${own}\nCaused by: ${describeChain(error.cause)}` : own
}

const text = winston.format.printf(({ level, message, timestamp, service, severity: _, ...fields }) => {
  const rest = Object.entries(fields).map(([name, value]) =>
    name === 'stack_trace'
      ? `\n${value}`
      : `${name}=${typeof value === 'string' ? value : JSON.stringify(value)}`,
  )
  return `${timestamp} ${level.padEnd(5)} ${service} ${message} ${rest.join(' ')}`.trimEnd()
})

/** The log of one service: JSON as Cloud Logging reads it, or text for a person's terminal. */
export function createLogger({ level, service, format }: LogOptions): Logger {
  const root = winston.createLogger({
    level,
    defaultMeta: { service },
    format: winston.format.combine(
      withErrors(),
      withSeverity(),
      winston.format.timestamp(),
      ...(format === 'json' ? [forCloud(), winston.format.json()] : [text]),
    ),
    transports: [new winston.transports.Console({ stderrLevels: ['error'] })],
  })
  return logWith(root, {})
}

/** Winston formats a line before it drops it for its level, and makes a child at a cost: both only when needed. */
function logWith(root: winston.Logger, own: Record<string, unknown>): Logger {
  const at = (level: 'error' | 'warn' | 'info' | 'debug') =>
    root.isLevelEnabled(level)
      ? (event: string, fields: Record<string, unknown> = {}) =>
          void root[level](event, { ...own, ...fields })
      : () => {}
  return {
    error: at('error'),
    warn: at('warn'),
    info: at('info'),
    debug: at('debug'),
    child: (fields) => logWith(root, { ...own, ...fields }),
  }
}

/** A log that says nothing, for tests. */
export const silentLogger: Logger = {
  error() {},
  warn() {},
  info() {},
  debug() {},
  child: () => silentLogger,
}
