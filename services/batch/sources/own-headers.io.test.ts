import { mkdtemp, readFile, rm } from 'node:fs/promises'
import type { RequestListener } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, test } from '@jest/globals'
import { CutroomError } from '#shared/errors.ts'
import { recordingLog } from '../jobs/testing/fakes.ts'
import { createSources } from './open-source.ts'
import { startRangeServer } from './range-server.ts'
import { answerWith, numberedBytes, startTestHost, type TestHost } from './testing/source-host.ts'

const cleanUps: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp()
})

const DATA = numberedBytes(1_000_000)
const SECRET = 'Bearer s3cret'
const headers = {
  Authorization: SECRET,
  'X-Api-Key': 's3cret too',
  'User-Agent': 'Player',
  Cookie: 'a=s3cret',
}
const NAMES = ['authorization', 'x-api-key', 'cookie']

async function host(answer: RequestListener) {
  const started = await startTestHost(answer)
  cleanUps.push(started.close)
  return started
}

/** A host that serves the file to those who are authorized. */
const privateHost = (answer: RequestListener = (request, response) => answerWith(DATA, request, response)) =>
  host((request, response) =>
    request.headers.authorization === SECRET ? answer(request, response) : response.writeHead(401).end(),
  )

const redirectTo =
  (target: string): RequestListener =>
  (_, response) =>
    response.writeHead(302, { location: target }).end()

/** Opens a URL as a job does, reads all of it as ffmpeg does, and returns the bytes and the lines logged. */
async function read(url: string, given: Record<string, string> | undefined, hosts: TestHost[]) {
  const scratchDir = await mkdtemp(join(tmpdir(), 'cutroom-headers-'))
  const { log, lines } = recordingLog()
  const rangeServer = await startRangeServer(log)
  const sources = createSources({
    storage: { stat: async () => undefined, read: async () => Promise.reject(new Error('never')) },
    limits: { allowHosts: hosts.map(({ hostPort }) => hostPort), maxBytes: 1e7, readTimeoutMs: 5000 },
    rangeServer,
    log,
  })
  cleanUps.push(
    () => rm(scratchDir, { recursive: true }),
    () => rangeServer.close(),
    () => sources.close(),
  )
  await using source = await sources.open({ url, headers: given }, scratchDir, new AbortController().signal)
  const input = source.input.url
  const bytes = input.startsWith('file:')
    ? await readFile(input.slice('file:'.length))
    : Buffer.from(await (await fetch(input)).arrayBuffer())
  return { bytes, lines, input }
}

/** The headers of the user's own that a host has received, by request. */
const receivedBy = ({ requests }: TestHost) =>
  requests.map((request) => NAMES.filter((name) => request.headers[name] !== undefined))

describe("a source's own headers", () => {
  test('go along with every range', async () => {
    const first = await privateHost()
    const { bytes } = await read(`${first.origin}/film`, headers, [first])
    expect(bytes.equals(DATA)).toBe(true)
    expect(first.requests.length).toBeGreaterThan(2)
    for (const request of first.requests) {
      expect(request.headers).toMatchObject({
        authorization: SECRET,
        'x-api-key': 's3cret too',
        'user-agent': 'Player',
        cookie: 'a=s3cret',
        'accept-encoding': 'identity',
      })
      expect(request.headers.range).toMatch(/^bytes=/)
    }
  })

  test('go along with the request for the whole file', async () => {
    const first = await privateHost((request, response) =>
      request.headers.range ? response.writeHead(400).end() : response.end(DATA),
    )
    const { bytes, input } = await read(`${first.origin}/film`, headers, [first])
    expect(input).toMatch(/^file:/)
    expect(bytes.equals(DATA)).toBe(true)
    expect(receivedBy(first)).toEqual(first.requests.map(() => NAMES))
  })

  test('go along with a redirect to the same origin', async () => {
    const first = await privateHost((request, response) =>
      request.url === '/film'
        ? redirectTo('/stored/film')(request, response)
        : answerWith(DATA, request, response),
    )
    const { bytes } = await read(`${first.origin}/film`, headers, [first])
    expect(bytes.equals(DATA)).toBe(true)
    expect(receivedBy(first)).toEqual(first.requests.map(() => NAMES))
  })

  test('do not go along with a redirect to another port, for any range', async () => {
    const second = await host((request, response) => answerWith(DATA, request, response))
    const first = await privateHost(redirectTo(`${second.origin}/signed`))
    const { bytes } = await read(`${first.origin}/film`, headers, [first, second])
    expect(bytes.equals(DATA)).toBe(true)
    expect(receivedBy(first)).toEqual([NAMES])
    expect(second.requests.length).toBeGreaterThan(2)
    for (const request of second.requests) {
      expect(JSON.stringify(request)).not.toContain('s3cret')
      expect(request.headers).toMatchObject({ 'user-agent': 'Cutroom', accept: '*/*' })
    }
  })

  test('do not go along with a redirect to another host name of the same port', async () => {
    const first = await privateHost((request, response) =>
      request.headers.host?.startsWith('127.0.0.1')
        ? redirectTo(`http://localhost:${first.port}/film`)(request, response)
        : response.writeHead(500).end(),
    )
    const other = { ...first, hostPort: `localhost:${first.port}` }
    const error = await read(`${first.origin}/film`, headers, [first, other]).catch(
      (thrown: unknown) => thrown,
    )
    expect(error).toMatchObject({ code: 'source.denied' })
    const elsewhere = first.requests.filter((request) => request.headers.host?.startsWith('localhost'))
    expect(elsewhere.length).toBeGreaterThan(0)
    for (const request of elsewhere) expect(JSON.stringify(request)).not.toContain('s3cret')
  })

  test('that a host refuses appear neither in the error nor in the log', async () => {
    const first = await privateHost()
    const wrong = { Authorization: 'Bearer wr0ng', 'X-Api-Key': 'wr0ng' }
    const error = await read(`${first.origin}/film`, wrong, [first]).catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(CutroomError)
    expect(JSON.stringify([error, String((error as Error).stack)])).not.toContain('wr0ng')
    expect(error).toMatchObject({
      code: 'source.denied',
      message: expect.stringContaining('Check that the `headers` of the source are right'),
    })
  })

  test('are never logged', async () => {
    const first = await privateHost()
    const { lines } = await read(`${first.origin}/film`, headers, [first])
    expect(lines.length).toBeGreaterThan(0)
    expect(JSON.stringify(lines)).not.toContain('s3cret')
  })
})

describe('a host that denies access', () => {
  const messageOf = async (url: string, given: Record<string, string> | undefined, hosts: TestHost[]) => {
    const error = await read(url, given, hosts).catch((thrown: unknown) => thrown)
    expect(error).toMatchObject({ code: 'source.denied' })
    return String(error)
  }

  test('is one for which headers can be given', async () => {
    const first = await privateHost()
    expect(await messageOf(`${first.origin}/film`, undefined, [first])).toContain(
      'give the request headers that the host expects as `headers` of the source',
    )
  })

  test('after a redirect, is one that did not get the headers', async () => {
    const second = await privateHost()
    const first = await privateHost(redirectTo(`${second.origin}/film`))
    const message = await messageOf(`${first.origin}/film`, headers, [first, second])
    expect(message).toContain(second.hostPort)
    expect(message).toContain('to which the `headers` of the source are not sent')
    expect(receivedBy(second)).toEqual(second.requests.map(() => []))
  })
})
