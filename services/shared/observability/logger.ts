import winston from 'winston'
import { version } from '../version.ts'

/** Winston's levels as Cloud Logging's severities: https://cloud.google.com/logging/docs/structured-logging */
const SEVERITY: Record<string, string> = { error: 'ERROR', warn: 'WARNING', info: 'INFO', debug: 'DEBUG' }

/** Logs events: a short constant message, and fields. Recipes, tokens and passwords are never logged. */
export type Logger = {
  error(event: string, fields?: Record<string, unknown>): void
  warn(event: string, fields?: Record<string, unknown>): void
  info(event: string, fields?: Record<string, unknown>): void
  debug(event: string, fields?: Record<string, unknown>): void
  /** A logger that adds these fields to every line. */
  child(fields: Record<string, unknown>): Logger
}

/** `release`: the version that Error Reporting shows; that of the product when left out. */
export type LogOptions = { level: string; service: string; format: 'json' | 'text'; release?: string }

const withSeverity = winston.format((line) => {
  line.severity = SEVERITY[line.level] ?? 'DEFAULT'
  return line
})

/** Type by which Error Reporting recognizes errors: https://cloud.google.com/error-reporting/docs/formatting-error-messages */
const REPORTED_ERROR_EVENT =
  'type.googleapis.com/google.devtools.clouderrorreporting.v1beta1.ReportedErrorEvent'

/** Adds the fields that Cloud Logging and Error Reporting expect. */
const withCloudFields = winston.format((line, options) => {
  const { service, level } = line
  line['logging.googleapis.com/labels'] = { service: String(service) }
  if (level === 'error') {
    line['@type'] = REPORTED_ERROR_EVENT
    line.serviceContext = { service, version: (options as { release: string }).release }
  }
  return line
})

// The properties of an Error are not enumerable, so JSON would show {}.
const withErrors = winston.format((line) => {
  if (line.error instanceof Error) {
    const { error } = line
    line.error = error.message
    line.stack_trace = stackWithCauses(error)
  }
  return line
})

/** The stack of an error followed by those of its causes. */
function stackWithCauses(error: Error): string {
  const own = error.stack ?? `${error.name}: ${error.message}`
  return error.cause instanceof Error ? `${own}\nCaused by: ${stackWithCauses(error.cause)}` : own
}

const text = winston.format.printf(({ level, message, timestamp, service, severity: _, ...fields }) => {
  const rest = Object.entries(fields).map(([name, value]) =>
    name === 'stack_trace'
      ? indented(String(value))
      : `${escaped(name)}=${escaped(typeof value === 'string' ? value : JSON.stringify(value))}`,
  )
  return `${timestamp} ${level.padEnd(5)} ${service} ${escaped(String(message))} ${rest.join(' ')}`.trimEnd()
})

/** Control characters, line separators and marks that reorder text: with them, a value could look like a line of its own. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for.
const UNSAFE = /[\u0000-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069]/g

const escaped = (value: string | undefined): string =>
  String(value).replaceAll(
    UNSAFE,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )

/** Every line of a stack is indented, so that none of them looks like the beginning of another event. */
const indented = (stack: string): string =>
  stack
    .split('\n')
    .map((line) => `\n    ${escaped(line.trimStart())}`)
    .join('')

/** Creates the logger of a service, in JSON for Cloud Logging or in text for a terminal. */
export function createLogger({ level, service, format, release = version }: LogOptions): Logger {
  const root = winston.createLogger({
    level,
    defaultMeta: { service },
    format: winston.format.combine(
      withErrors(),
      withSeverity(),
      winston.format.timestamp(),
      ...(format === 'json' ? [withCloudFields({ release }), winston.format.json()] : [text]),
    ),
    transports: [new winston.transports.Console({ stderrLevels: ['error'] })],
  })
  return logWith(root, {})
}

/**
 * Winston formats lines before it drops them by level, and its child loggers are expensive. Both are avoided here: a
 * disabled level does nothing, and a child is a set of fields.
 */
function logWith(root: winston.Logger, fixed: Record<string, unknown>): Logger {
  const at = (level: 'error' | 'warn' | 'info' | 'debug') =>
    root.isLevelEnabled(level)
      ? (event: string, fields: Record<string, unknown> = {}) =>
          void root[level](event, { ...fixed, ...fields })
      : () => {}
  return {
    error: at('error'),
    warn: at('warn'),
    info: at('info'),
    debug: at('debug'),
    child: (fields) => logWith(root, { ...fixed, ...fields }),
  }
}

/** A logger that discards everything, for tests. */
export const silentLogger: Logger = {
  error() {},
  warn() {},
  info() {},
  debug() {},
  child: () => silentLogger,
}
