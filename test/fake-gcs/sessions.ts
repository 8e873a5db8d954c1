import { randomUUID } from 'node:crypto'
import { GoogleError } from './google-error.ts'
import type { Buckets, ObjectMetadata, Preconditions, StoredObject } from './objects.ts'

const QUANTUM = 256 * 1024

export type Session = {
  bucket: string
  metadata: ObjectMetadata & { name: string }
  conditions: Preconditions
  /** X-Upload-Content-Length of the start, when it was given. */
  announced: number | undefined
  held: Buffer
  state: 'open' | 'gone' | StoredObject
}

/** A PUT to a session; `whole` is false when the connection broke before the end of the body. */
export type SessionPut = {
  range: string | undefined
  crc32c: string | undefined
  body: Buffer
  whole: boolean
}

export type SessionReply = { object: StoredObject } | { held: number }

/** Resumable sessions: https://cloud.google.com/storage/docs/performing-resumable-uploads */
export function createSessions(buckets: Buckets) {
  const sessions = new Map<string, Session>()

  function find(id: string): Session {
    const session = sessions.get(id)
    if (!session) throw new GoogleError(404, 'No such upload session.')
    if (session.state === 'gone') throw new GoogleError(410, 'The upload session is gone.')
    return session
  }

  return {
    start(session: Omit<Session, 'held' | 'state'>): string {
      buckets.checkPreconditions(session.bucket, session.metadata.name, session.conditions)
      const id = randomUUID()
      sessions.set(id, { ...session, held: Buffer.alloc(0), state: 'open' })
      return id
    },
    put(id: string, put: SessionPut): SessionReply {
      const session = find(id)
      if (session.state !== 'open') return { object: session.state as StoredObject }
      return append(buckets, session, put)
    },
    cancel(id: string): void {
      find(id).state = 'gone'
    },
    /** Expires all sessions, as Cloud Storage does after a week. */
    expire(): void {
      for (const session of sessions.values()) session.state = 'gone'
    },
  }
}

function append(
  buckets: Buckets,
  session: Session,
  { range, crc32c, body, whole }: SessionPut,
): SessionReply {
  const { start, end, total } = readRange(range, body.length, session.held.length, whole)
  if (session.announced !== undefined && total !== undefined && total !== session.announced) {
    throw new GoogleError(400, `The session was started for ${session.announced} bytes, not ${total}.`)
  }
  const last = total !== undefined && end + 1 === total
  const kept = whole && last ? body : body.subarray(0, wholeQuanta(start, body.length))
  if (whole && !last && kept.length !== body.length) {
    throw new GoogleError(400, `Every chunk but the last must be a multiple of ${QUANTUM} bytes.`)
  }
  const missing = kept.subarray(Math.min(session.held.length - start, kept.length))
  session.held = Buffer.concat([session.held, missing])
  if (session.held.length !== total) return { held: session.held.length }
  const metadata = { ...session.metadata, ...(crc32c !== undefined && { crc32c }) }
  session.state = buckets.insert(session.bucket, metadata, session.held, session.conditions)
  session.held = Buffer.alloc(0)
  return { object: session.state }
}

function wholeQuanta(start: number, length: number): number {
  return Math.max(0, Math.floor((start + length) / QUANTUM) * QUANTUM - start)
}

/** Position of a body in the object; `end` is inclusive, and `start - 1` for an empty body. */
function readRange(range: string | undefined, length: number, held: number, whole: boolean) {
  if (range === undefined) return { start: 0, end: length - 1, total: whole ? length : undefined }
  const question = /^bytes \*\/(\d+|\*)$/.exec(range)
  if (question) return { start: held, end: held - 1, total: whole ? number(question[1]) : undefined }
  const match = /^bytes (\d+)-(\d+|\*)\/(\d+|\*)$/.exec(range)
  if (!match) throw new GoogleError(400, `Failed to parse Content-Range header ${range}.`)
  const start = Number(match[1])
  if (start > held) {
    throw new GoogleError(
      400,
      `The upload offset is ${start}, which exceeds already uploaded size of ${held}.`,
    )
  }
  // A body of unknown length completes the object: clients that stream in a single request use this.
  const open = match[2] === '*'
  const end = open ? start + length - 1 : Number(match[2])
  const total = open && whole ? start + length : number(match[3])
  if (whole && (end - start + 1 !== length || (total !== undefined && end >= total && length > 0))) {
    throw new GoogleError(400, `There were ${length} bytes in the body, which does not match ${range}.`)
  }
  return { start, end, total }
}

const number = (text: string | undefined) => (text === undefined || text === '*' ? undefined : Number(text))
