import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import { type FakeGcs, startFakeGcs } from './server.ts'

const quantum = 256 * 1024
let fake: FakeGcs
beforeAll(async () => {
  fake = await startFakeGcs({ buckets: ['b'] })
})
afterAll(() => fake.close())
beforeEach(() => call('POST', '/_fake/reset'))

async function call(method: string, path: string, body?: string, headers: Record<string, string> = {}) {
  const reply = await fetch(path.startsWith('http') ? path : fake.url + path, {
    method,
    headers,
    ...(body !== undefined && { body }),
  })
  const text = await reply.text()
  const json = text.startsWith('{') ? JSON.parse(text) : undefined
  return { status: reply.status, headers: reply.headers, text, json }
}

const insert = (name: string, content: string, more = '', headers = {}) =>
  call('POST', `/upload/storage/v1/b/b/o?uploadType=media&name=${name}${more}`, content, headers)

async function startSession(name: string, headers = {}): Promise<string> {
  const start = `/upload/storage/v1/b/b/o?uploadType=resumable&name=${name}&ifGenerationMatch=0`
  return (await call('POST', start, '{}', headers)).headers.get('location') ?? ''
}

describe('the stand-in for Cloud Storage', () => {
  test('gives every write a generation, and honours preconditions on it', async () => {
    const first = (await insert('a', 'one', '&ifGenerationMatch=0')).json.generation
    const again = await insert('a', 'two', '&ifGenerationMatch=0')
    expect(again.json.error).toMatchObject({ code: 412, errors: [{ reason: 'conditionNotMet' }] })
    const second = (await insert('a', 'two', `&ifGenerationMatch=${first}`)).json.generation
    expect(Number(second)).toBeGreaterThan(Number(first))
    expect((await call('DELETE', `/storage/v1/b/b/o/a?ifGenerationMatch=${first}`)).status).toBe(412)
    expect((await call('DELETE', `/storage/v1/b/b/o/a?ifGenerationMatch=${second}`)).status).toBe(204)
    expect((await call('DELETE', '/storage/v1/b/b/o/a')).status).toBe(404)
  })

  test('refuses bytes that do not have the checksum they came with, and keeps nothing', async () => {
    expect((await insert('a', '123456789', '', { 'x-goog-hash': 'crc32c=4waSgw==' })).status).toBe(200)
    expect((await insert('b', '12345678X', '', { 'x-goog-hash': 'crc32c=4waSgw==' })).status).toBe(400)
    expect((await call('GET', '/storage/v1/b/b/o/b')).status).toBe(404)
    const session = await startSession('c')
    expect((await call('PUT', session, 'wrong', { 'x-goog-hash': 'crc32c=4waSgw==' })).status).toBe(400)
    expect((await call('GET', '/storage/v1/b/b/o/c')).status).toBe(404)
  })

  test('reads a multipart upload and checks the checksum in its metadata', async () => {
    const parts = (crc32c: string) =>
      `--x\r\nContent-Type: application/json\r\n\r\n${JSON.stringify({ name: 'm', crc32c })}\r\n` +
      '--x\r\nContent-Type: video/mp4\r\n\r\n123456789\r\n--x--'
    const path = '/upload/storage/v1/b/b/o?uploadType=multipart'
    const headers = { 'content-type': 'multipart/related; boundary=x' }
    expect((await call('POST', path, parts('AAAAAA=='), headers)).status).toBe(400)
    const { json } = await call('POST', path, parts('4waSgw=='), headers)
    expect(json).toMatchObject({ name: 'm', contentType: 'video/mp4', size: '9' })
  })

  test('serves ranges, and the hash of the whole', async () => {
    await insert('a%2Fb', '123456789')
    const media = '/storage/v1/b/b/o/a%2Fb?alt=media'
    const part = await call('GET', media, undefined, { range: 'bytes=2-4' })
    expect([part.status, part.text, part.headers.get('content-range')]).toEqual([206, '345', 'bytes 2-4/9'])
    expect(part.headers.get('x-goog-hash')).toMatch(/^crc32c=4waSgw==,md5=/)
    expect((await call('GET', media, undefined, { range: 'bytes=-2' })).text).toBe('89')
    expect((await call('GET', media, undefined, { range: 'bytes=9-' })).status).toBe(416)
    expect((await call('GET', media)).text).toBe('123456789')
  })

  test('lists by prefix in pages', async () => {
    for (const name of ['p/3', 'p/1', 'q', 'p/2']) await insert(name, 'x')
    const first = (await call('GET', '/storage/v1/b/b/o?prefix=p/&maxResults=2')).json
    expect(first.items.map(({ name }: { name: string }) => name)).toEqual(['p/1', 'p/2'])
    const next = `/storage/v1/b/b/o?prefix=p/&maxResults=2&pageToken=${first.nextPageToken}`
    const second = (await call('GET', next)).json
    expect(second.items.map(({ name }: { name: string }) => name)).toEqual(['p/3'])
    expect(second.nextPageToken).toBeUndefined()
  })

  test('knows only its buckets', async () => {
    expect((await call('GET', '/storage/v1/b/b')).json.name).toBe('b')
    expect((await call('GET', '/storage/v1/b/other')).json.error).toMatchObject({
      code: 404,
      errors: [{ domain: 'global', reason: 'notFound' }],
    })
  })
})

describe('its resumable sessions', () => {
  const chunk = 'x'.repeat(quantum)

  test('accept chunks of multiples of 256 KiB, and a last chunk of any size', async () => {
    const session = await startSession('a')
    const odd = await call('PUT', session, 'xyz', { 'content-range': 'bytes 0-2/*' })
    expect(odd.status).toBe(400)
    const first = await call('PUT', session, chunk, { 'content-range': `bytes 0-${quantum - 1}/*` })
    expect([first.status, first.headers.get('range')]).toEqual([308, `bytes=0-${quantum - 1}`])
    const last = { 'content-range': `bytes ${quantum}-${quantum + 2}/${quantum + 3}` }
    expect((await call('PUT', session, 'xyz', last)).json.size).toBe(String(quantum + 3))
  })

  test('report what they have received, and return the object once it is complete', async () => {
    const session = await startSession('a')
    const asked = await call('PUT', session, '', { 'content-range': 'bytes */3' })
    expect([asked.status, asked.headers.get('range')]).toEqual([308, null])
    await call('PUT', session, 'xyz')
    expect((await call('PUT', session, '', { 'content-range': 'bytes */3' })).json.name).toBe('a')
  })

  test('hold a client to the length it announced', async () => {
    const session = await startSession('a', { 'x-upload-content-length': '4' })
    expect((await call('PUT', session, 'xyz')).status).toBe(400)
    expect((await call('PUT', session, 'wxyz')).status).toBe(200)
  })

  test('honour their precondition at the start and at the end', async () => {
    const early = await startSession('a')
    await insert('a', 'taken')
    expect((await call('PUT', early, 'late')).status).toBe(412)
    const start = '/upload/storage/v1/b/b/o?uploadType=resumable&name=a&ifGenerationMatch=0'
    expect((await call('POST', start, '{}')).status).toBe(412)
  })

  test('are 404 when unknown, 410 when expired or cancelled', async () => {
    const [expired, cancelled] = [await startSession('a'), await startSession('b')]
    expect((await call('DELETE', cancelled)).status).toBe(499)
    expect((await call('PUT', cancelled, 'x')).status).toBe(410)
    await call('POST', '/_fake/expire')
    expect((await call('PUT', expired, 'x')).status).toBe(410)
    expect((await call('PUT', `${expired}x`, 'x')).status).toBe(404)
  })
})

describe('injected failures', () => {
  test('apply to the given number of matching requests', async () => {
    await insert('a', 'x')
    const failure = { kind: 'status', status: 429, count: 2, method: 'GET', url: 'o/a' }
    await call('POST', '/_fake/failures', JSON.stringify(failure))
    expect((await call('GET', '/storage/v1/b/b')).status).toBe(200)
    expect((await call('GET', '/storage/v1/b/b/o/a')).json.error.code).toBe(429)
    expect((await call('GET', '/storage/v1/b/b/o/a')).status).toBe(429)
    expect((await call('GET', '/storage/v1/b/b/o/a')).status).toBe(200)
  })

  test('break connections before, after and within the reply', async () => {
    for (const kind of ['reset', 'lose-reply', 'cut-reply']) {
      await call('POST', '/_fake/failures', JSON.stringify({ kind, count: 1 }))
      await expect(insert(kind, 'x'.repeat(100_000))).rejects.toThrow()
      const { status } = await call('GET', `/storage/v1/b/b/o/${kind}`)
      expect([kind, status]).toEqual([kind, kind === 'reset' ? 404 : 200])
    }
  })
})
