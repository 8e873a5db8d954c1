import type { IncomingMessage, ServerResponse } from 'node:http'
import { gzipSync } from 'node:zlib'
import { answerWith } from '#batch/sources/testing/source-host.ts'
import type { Habit } from './types.ts'

const whole = (bytes: Buffer, response: ServerResponse) =>
  response.writeHead(200, { 'content-length': bytes.length }).end(bytes)

/** Answers slowly, and others meanwhile with this status. */
export const oneAtATime =
  (status: number): Habit =>
  (bytes) => {
    let active = 0
    return (request, response) => {
      if (active > 0) return void response.writeHead(status, { 'retry-after': '1' }).end()
      active++
      response.once('close', () => active--)
      setTimeout(() => answerWith(bytes, request, response), 20)
    }
  }

export const newEtag: Habit = (bytes) => {
  let count = 0
  return (request, response) => answerWith(bytes, request, response, { etag: `"${count++}"` })
}

export const modifiedNow: Habit = (bytes) => (request, response) =>
  request.headers['if-range']
    ? whole(bytes, response)
    : answerWith(bytes, request, response, { 'last-modified': new Date().toUTCString() })

export const weakEtag: Habit = (bytes) => (request, response) =>
  answerWith(bytes, request, response, { etag: 'W/"1"' })

const startOf = ({ headers: { range } }: IncomingMessage) => /^bytes=(\d+)-/.exec(range ?? '')?.[1]

function partial(bytes: Buffer, start: number, end: number, response: ServerResponse) {
  response.writeHead(206, { 'content-range': `bytes ${start}-${end - 1}/${bytes.length}` })
  response.end(bytes.subarray(start, end))
}

export const endIgnored: Habit = (bytes) => (request, response) => {
  const start = startOf(request)
  if (start === undefined) whole(bytes, response)
  else partial(bytes, Number(start), bytes.length, response)
}

export const capped =
  (limit: number): Habit =>
  (bytes) =>
  (request, response) => {
    const { range } = request.headers
    const start = Number(startOf(request) ?? Number.NaN)
    if (!range || !(start < bytes.length)) return answerWith(bytes, request, response)
    const end = Number(/-(\d+)$/.exec(range)?.[1] ?? bytes.length - 1) + 1
    partial(bytes, start, Math.min(end, start + limit, bytes.length), response)
  }

export const wholeOnly: Habit = (bytes) => (_, response) => whole(bytes, response)

export const chunked: Habit = (bytes) => (_, response) => {
  response.writeHead(200)
  response.write(bytes.subarray(0, bytes.length / 2))
  response.end(bytes.subarray(bytes.length / 2))
}

export const gzipped: Habit = (bytes) => {
  const compressed = gzipSync(bytes, { level: 1 })
  return (_, response) => response.writeHead(200, { 'content-encoding': 'gzip' }).end(compressed)
}

export const typed =
  (type: string): Habit =>
  (bytes) =>
  (request, response) =>
    answerWith(bytes, request, response, { 'content-type': type })

export const cookie: Habit = (bytes) => (request, response) =>
  request.headers.cookie === 'session=1'
    ? answerWith(bytes, request, response)
    : response.writeHead(302, { location: request.url, 'set-cookie': 'session=1; Path=/' }).end()

/** Redirects so many times; for ever with infinity. */
export const redirects =
  (times: number): Habit =>
  (bytes) =>
  (request, response) => {
    const [path = '', query = '0'] = (request.url ?? '').split('?')
    const done = Number(query)
    if (done >= times) answerWith(bytes, request, response)
    else response.writeHead(302, { location: `${path}?${done + 1}` }).end()
  }

/** Serves only the exact query, as a signature demands. */
export const exactQuery =
  (query: string): Habit =>
  (bytes) =>
  (request, response) =>
    request.url?.endsWith(query) ? answerWith(bytes, request, response) : response.writeHead(403).end()

export const withoutHead: Habit = (bytes) => (request, response) =>
  request.method === 'HEAD' ? response.writeHead(403).end() : answerWith(bytes, request, response)

export const busyAtFirst =
  (times: number): Habit =>
  (bytes) => {
    let refused = 0
    return (request, response) =>
      refused++ < times
        ? response.writeHead(429, { 'retry-after': '1' }).end()
        : answerWith(bytes, request, response)
  }

export const refusing =
  (status: number): Habit =>
  () =>
  (_, response) =>
    response.writeHead(status).end()

export const page: Habit = () => (_, response) =>
  response
    .writeHead(200, { 'content-type': 'text/html' })
    .end('<!doctype html><title>Sign in</title><p>Please sign in.'.padEnd(5000))
