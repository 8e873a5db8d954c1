import { once } from 'node:events'
import { createServer, get, type IncomingMessage, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import type { ReadSourceRequest } from '#shared/contract/inspect/source-links.ts'
import { operations } from '#shared/contract/operations.ts'
import { expectFieldErrors, expectProblem, expectReply } from '#test/expect-reply.ts'
import { openTestWeb, type TestUser, type TestWeb } from '#test/web-app.ts'

const { linkSource, getSourcePreview } = operations

const DATA = Buffer.alloc(12_000_000)
for (let at = 0; at < DATA.length; at += 4) DATA.writeUInt32BE(at, at)
const URL_OF_SOURCE = 'https://example.com/films/a.mp4?token=1'

let batch: Server
/** What batch was asked to read, and the problem that it answers with, if any. */
let reads: ReadSourceRequest[]
let problem: { status: number; code: string } | undefined
/** What the host calls the file. */
let type: string | undefined
/** Called when web leaves a read that has no answer yet; no read is answered while it is set. */
let onLeave: (() => void) | undefined
let web: TestWeb
let ada: TestUser
beforeAll(async () => {
  batch = createServer(async (req, res) => {
    const chunks: Buffer[] = []
    for await (const chunk of req) chunks.push(chunk)
    const request: ReadSourceRequest = JSON.parse(Buffer.concat(chunks).toString())
    reads.push(request)
    if (onLeave && request.start > 0) return void res.once('close', onLeave)
    if (problem) {
      const body = { type: 'about:blank', title: '', detail: 'no', request_id: 'r', ...problem }
      return res
        .writeHead(problem.status, { 'content-type': 'application/problem+json' })
        .end(JSON.stringify(body))
    }
    const bytes = DATA.subarray(request.start, request.end + 1)
    res.writeHead(206, {
      'content-range': `bytes ${request.start}-${request.start + bytes.length - 1}/${DATA.length}`,
      ...(type && { 'x-source-type': type }),
    })
    res.end(bytes)
  })
  batch.listen(0, '127.0.0.1')
  await once(batch, 'listening')
  web = await openTestWeb({ env: { BATCH_URL: `http://127.0.0.1:${(batch.address() as AddressInfo).port}` } })
})
beforeEach(async () => {
  reads = []
  problem = undefined
  type = 'video/mp4'
  onLeave = undefined
  ada = await web.signUp()
})
afterEach(() => expect(web.log.takeErrors()).toEqual([]))
afterAll(async () => {
  await web.close()
  batch.closeAllConnections()
  batch.close()
})

const link = (body: object, user = ada) =>
  web.agent.post('/sources/links').set('Authorization', web.bearer(user)).send(body)

/** The path of a new link, with what was read to create it forgotten. */
async function pathTo(body: object = { url: URL_OF_SOURCE }) {
  const { url } = expectReply(linkSource, await link(body), 201)
  reads = []
  return web.pathOf(url)
}

describe('a link', () => {
  test('is created with one look at the source, and says what is wrong with it', async () => {
    const good = expectReply(linkSource, await link({ url: URL_OF_SOURCE }), 201)
    expect(good.problem).toBeNull()
    expect(reads).toEqual([{ user_id: ada.id, url: URL_OF_SOURCE, start: 0, end: 1023 }])
    problem = { status: 422, code: 'source.not_found' }
    const bad = expectReply(linkSource, await link({ url: URL_OF_SOURCE }), 201)
    expect(bad.problem).toEqual({ code: 'source.not_found', message: 'no' })
  })

  test('does not show the URL, and keeps the headers encrypted', async () => {
    const headers = { Authorization: 'Bearer s3cret' }
    const { url } = expectReply(linkSource, await link({ url: URL_OF_SOURCE, headers }), 201)
    expect(url).toMatch(
      /^http:\/\/cutroom\.test\/previews\/sources\/[0-9a-f-]{36}\?expires=\d+&signature=[\w-]+$/,
    )
    const rows = await web.database.query<{ headers: Buffer }>(
      'SELECT headers FROM source_links WHERE user_id = $1',
      [ada.id],
    )
    expect(rows[0]?.headers.includes('s3cret')).toBe(false)
    await web.agent.get(web.pathOf(url)).set('Range', 'bytes=0-9').expect(206)
    expect(reads.at(-1)?.headers).toEqual(headers)
  })

  test('of what must not be read, or with an expiry of other than minutes to hours, is refused', async () => {
    const refused = await link({ url: 'http://127.0.0.1/a.mp4' })
    expectProblem(linkSource, refused, 'source.refused')
    expect(refused.body.errors).toMatchObject([{ path: 'url' }])
    expectFieldErrors(linkSource, await link({ url: 'ftp://example.com/a' }), ['url'])
    expectFieldErrors(linkSource, await link({ url: URL_OF_SOURCE, headers: { Cookie: '[hidden]' } }), [
      'headers.Cookie',
    ])
    for (const expires_in of [59, 21_601]) {
      expectFieldErrors(linkSource, await link({ url: URL_OF_SOURCE, expires_in }), ['expires_in'])
    }
    expect(reads).toEqual([])
  })

  test('of another id, with another expiry or without a signature is refused', async () => {
    const path = await pathTo()
    const other = (await pathTo()).split('?')[0] ?? ''
    for (const changed of [
      path.replace(/^[^?]*/, other),
      path.replace(/expires=\d+/, 'expires=9999999999'),
      path.replace(/&signature=.*/, ''),
    ]) {
      expectProblem(getSourcePreview, await web.agent.get(changed), 'source.link_invalid')
    }
    expect(reads).toEqual([])
  })

  test('ends when it has expired, with its account, and when 100 newer ones exist', async () => {
    const expired = await pathTo()
    await web.database.query("UPDATE source_links SET expires_at = now() - interval '1 s'")
    expectProblem(getSourcePreview, await web.agent.get(expired), 'source.link_invalid')

    const path = await pathTo()
    await web.database.query(
      `INSERT INTO source_links (id, user_id, url, expires_at)
       SELECT gen_random_uuid(), $1, 'https://example.com', now() + interval '1 hour' FROM generate_series(1, 98)`,
      [ada.id],
    )
    const last = await pathTo()
    await web.agent.get(path).set('Range', 'bytes=0-9').expect(206)
    await pathTo()
    expectProblem(getSourcePreview, await web.agent.get(path), 'source.link_invalid')
    await web.agent
      .delete('/auth/me')
      .set('Authorization', web.bearer(ada))
      .send({ password: ada.password })
      .expect(204)
    expectProblem(getSourcePreview, await web.agent.get(last), 'source.link_invalid')
  })
})

describe('a preview', () => {
  test('sends a range, and reads nothing else of the source', async () => {
    const reply = await web.agent
      .get(await pathTo())
      .set('Range', 'bytes=5000000-5000999')
      .expect(206)
    expect(reply.body.equals(DATA.subarray(5_000_000, 5_001_000))).toBe(true)
    expect(reply.headers).toMatchObject({
      'content-type': 'video/mp4',
      'content-range': `bytes 5000000-5000999/${DATA.length}`,
      'content-length': '1000',
      'content-disposition': 'inline',
      'content-security-policy': "default-src 'none'; media-src 'self'; img-src 'self'; sandbox",
      'x-content-type-options': 'nosniff',
      'accept-ranges': 'bytes',
      'cache-control': 'private, no-store',
    })
    expect(reads.map(({ start, end }) => [start, end])).toEqual([[5_000_000, 5_000_999]])
  })

  test('sends all of a source in blocks that grow', async () => {
    const reply = await web.agent.get(await pathTo()).expect(200)
    expect(reply.body.equals(DATA)).toBe(true)
    const sizes = reads.map(({ start, end }) => (end + 1 - start) / 1024)
    expect(sizes.slice(0, 5)).toEqual([256, 512, 1024, 2048, 2048])
    expect(reads.at(-1)?.end).toBe(DATA.length - 1)
  })

  test('sends the end of a source, its headers alone, and nothing behind it', async () => {
    const path = await pathTo()
    const tail = await web.agent.get(path).set('Range', 'bytes=-1000').expect(206)
    expect(tail.body.equals(DATA.subarray(-1000))).toBe(true)
    const head = await web.agent.head(path).expect(200)
    expect(head.headers).toMatchObject({ 'content-length': String(DATA.length), 'accept-ranges': 'bytes' })
    for (const range of ['bytes=-0', 'bytes=99999999999999999999-']) {
      const outside = await web.agent.get(path).set('Range', range)
      expectProblem(getSourcePreview, outside, 'request.range_not_satisfiable')
      expect(outside.headers['content-range']).toBe(`bytes */${DATA.length}`)
    }
  })

  test.each([
    ['text/html', 'video/mp4'],
    ['application/octet-stream', 'video/mp4'],
    [undefined, 'video/mp4'],
    ['video/webm', 'video/webm'],
  ])('of a source that its host calls %s is called %s', async (called, expected) => {
    type = called
    const reply = await web.agent
      .get(await pathTo())
      .set('Range', 'bytes=0-9')
      .expect(206)
    expect(reply.headers['content-type']).toBe(expected)
  })

  test('of what is no media by name and type is only bytes', async () => {
    type = 'text/html'
    const path = await pathTo({ url: 'https://example.com/a.html' })
    const reply = await web.agent.get(path).set('Range', 'bytes=0-9').expect(206)
    expect(reply.headers['content-type']).toBe('application/octet-stream')
  })

  test('that cannot begin is answered with the code of batch', async () => {
    const path = await pathTo()
    problem = { status: 422, code: 'source.no_ranges' }
    expectProblem(getSourcePreview, await web.agent.get(path), 'source.no_ranges')
    problem = { status: 500, code: 'internal.bug' }
    expectProblem(getSourcePreview, await web.agent.get(path), 'preview.unavailable')
    web.log.takeErrors()
  })

  test('that goes wrong later breaks off', async () => {
    const path = await pathTo()
    const reply = await open(path)
    reply.once('data', () => (problem = { status: 422, code: 'source.unavailable' }))
    await expect(reply.toArray()).rejects.toThrow('aborted')
  })

  test('whose client is gone ends what is being read', async () => {
    const { promise: left, resolve } = Promise.withResolvers<void>()
    const path = await pathTo()
    onLeave = resolve
    const reply = await open(path)
    reply.once('error', () => undefined).resume()
    while (reads.length < 2) await new Promise((wake) => setImmediate(wake))
    reply.destroy()
    await left
  })

  test('of a user who opens a seventh ends the first', async () => {
    const path = await pathTo()
    // Nobody reads them, so none comes to its end.
    const replies: IncomingMessage[] = []
    for (let i = 0; i < 6; i++) replies.push(await open(path))
    const [first, second] = replies
    const ended = once(first as IncomingMessage, 'close')
    ended.catch(() => undefined)
    replies.push(await open(path))
    first?.resume()
    await expect(ended).rejects.toThrow('aborted')
    expect(second?.destroyed).toBe(false)
    for (const reply of replies) reply.on('error', () => undefined).destroy()
  })
})

/** A preview whose bytes nobody has read yet. */
const open = async (path: string): Promise<IncomingMessage> => {
  const request = get(web.url + path)
  const [reply] = await once(request, 'response')
  return reply
}
