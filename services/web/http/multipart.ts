import type { IncomingMessage } from 'node:http'
import type { Readable } from 'node:stream'
import busboy, { type Busboy } from 'busboy'
import { CutroomError } from '#shared/errors.ts'
import { invalidRequest } from './field-errors.ts'

const LIMITS = { fields: 10, fieldSize: 64 * 1024, files: 1, parts: 12 }

/** What a form can contain besides its file: its fields, and the boundaries and headers of its parts. */
export const MAX_FORM_OVERHEAD_BYTES = 1024 * 1024

/** The part of a request that is read. */
export type FormRequest = Readable & Pick<IncomingMessage, 'headers' | 'complete'>

/** The headers of a file part. `filename` is undefined for a part of type application/octet-stream without one. */
export type FilePart = { filename: string | undefined; mimeType: string }

/** What to do with the parts of a form, in the order in which they arrive. */
export type FormHandlers = {
  /** Called with each text field. An error that it throws ends the form. */
  onField(name: string, value: string): void
  /**
   * Called with the file. The form goes on as the stream is read, and ends when the promise settles; a rejection ends
   * it at once. The stream fails when the form does.
   */
  onFile(name: string, stream: Readable, part: FilePart): Promise<void>
}

/**
 * Reads a multipart form with at most one file, without holding the file in memory. Resolves when the form has been
 * read and the file handled. The first error ends it: nothing more is parsed, and the rest of the request is left
 * unread. Either way, `onFile` has settled when the promise does.
 * @throws CutroomError `request.malformed` for a body that is no form or breaks off, `request.invalid` for a form
 * with unnamed parts, too many parts or too large fields, and whatever a handler throws.
 */
export async function readMultipart(req: FormRequest, { onField, onFile }: FormHandlers): Promise<void> {
  // Closed while the caller was authenticated: no event would follow.
  if (req.destroyed && !req.complete) throw clientDisconnected()
  const parser = openParser(req)
  const outcome = pendingOutcome()
  forwardFields(parser, onField, outcome)
  const receivedFile = forwardFile(parser, onFile, outcome)
  settle(outcome, parser, req)
  try {
    req.pipe(parser)
    await outcome.promise
    await receivedFile()
  } catch (error) {
    req.unpipe(parser)
    parser.destroy()
    await receivedFile()?.catch(() => {})
    throw error
  }
}

/** The outcome of parsing; `hasFailed` because busboy emits further parts of a chunk after one was refused. */
type Outcome = { promise: Promise<void>; succeed(): void; fail(error: unknown): void; hasFailed: boolean }

function pendingOutcome(): Outcome {
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  const outcome: Outcome = {
    promise,
    succeed: resolve,
    fail(error) {
      outcome.hasFailed = true
      reject(error)
    },
    hasFailed: false,
  }
  return outcome
}

function forwardFields(parser: Busboy, onField: FormHandlers['onField'], outcome: Outcome) {
  // busboy passes undefined as the value of a part whose charset it does not know.
  parser.on('field', (name: string | undefined, value: string | undefined, { valueTruncated }) => {
    if (outcome.hasFailed) return
    try {
      if (name === undefined) throw unnamedPart()
      if (value === undefined) throw invalidForm(name, 'has an unsupported charset; use UTF-8')
      if (valueTruncated) throw invalidForm(name, `is larger than ${LIMITS.fieldSize} bytes`)
      onField(name, value)
    } catch (error) {
      outcome.fail(error)
    }
  })
}

/** Returns a function that returns the promise of `onFile`, or undefined before there is a file. */
function forwardFile(parser: Busboy, onFile: FormHandlers['onFile'], outcome: Outcome) {
  let file: Promise<void> | undefined
  parser.on('file', (name: string | undefined, stream, { filename, mimeType }) => {
    // A refused file has no reader, and an error without a listener would end the process.
    stream.on('error', () => {})
    if (outcome.hasFailed) return
    if (name === undefined) return outcome.fail(unnamedPart())
    file = onFile(name, stream, { filename, mimeType })
    // A form that breaks off fails its file too, sometimes first.
    file.catch((error) => outcome.fail(parser.errored ? malformed(parser.errored) : error))
  })
  return () => file
}

function settle({ succeed, fail }: Outcome, parser: Busboy, req: FormRequest) {
  const failOn = (limit: string, message: string) =>
    parser.once(limit, () => fail(invalidForm('form', message)))
  failOn('filesLimit', 'has more than one file')
  failOn('fieldsLimit', `has more than ${LIMITS.fields} fields`)
  failOn('partsLimit', `has more than ${LIMITS.parts - 1} parts`)
  // Not `once`: destroying a parser that reported an error makes it report another one.
  parser.on('error', (error) => fail(malformed(error)))
  parser.once('close', succeed)
  req.once('close', () => {
    if (!req.complete) fail(clientDisconnected())
  })
}

function openParser(req: FormRequest) {
  try {
    // Browsers encode names in the page's charset, which is UTF-8 nearly everywhere.
    return busboy({ headers: req.headers, limits: LIMITS, defParamCharset: 'utf8' })
  } catch (error) {
    throw malformed(error)
  }
}

/** A `request.invalid` error about one field of a form, or about the whole form for the path `form`. */
export const invalidForm = (path: string, message: string): CutroomError =>
  invalidRequest('form', [{ path, message }])

const unnamedPart = () => invalidForm('form', 'a part has no name')

const malformed = (cause: unknown) =>
  new CutroomError(
    'request.malformed',
    `The multipart form could not be parsed: ${cause instanceof Error ? cause.message : cause}.`,
    { cause },
  )

const clientDisconnected = () =>
  new CutroomError('request.malformed', 'The client disconnected before its form was complete.')
