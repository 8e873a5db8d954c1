import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { chunksOfBlob } from '../uploads/chunks.ts'
import { type SendProgress, sendFile } from '../uploads/send-file.ts'
import { createTransport } from './transport.ts'

const MB = 2 ** 20

/** The requests of a browser whose replies are given. */
const requests: FakeXhr[] = []
let replies: { status: number; text?: string; headers?: string }[] = []

class FakeXhr {
  status = 0
  responseText = ''
  upload: { onprogress?: (event: { loaded: number }) => void } = {}
  onloadend = () => {}
  line = ''
  headers: Record<string, string> = {}
  bytes = 0
  replied = ''

  open(method: string, url: string) {
    this.line = `${method} ${url}`
  }
  setRequestHeader(name: string, value: string) {
    this.headers[name] = value
  }
  getAllResponseHeaders() {
    return this.replied
  }
  send(body?: Blob) {
    requests.push(this)
    this.bytes = body?.size ?? 0
    const { status, text = '', headers = '' } = replies.shift() ?? { status: 0 }
    queueMicrotask(() => {
      if (body) this.upload.onprogress?.({ loaded: body.size / 2 })
      Object.assign(this, { status, responseText: text, replied: headers })
      this.onloadend()
    })
  }
  abort() {
    this.onloadend()
  }
}

const browser = globalThis as { XMLHttpRequest?: unknown }
beforeEach(() => {
  requests.length = 0
  browser.XMLHttpRequest = FakeXhr
})
afterEach(() => {
  delete browser.XMLHttpRequest
})

const statusOf = async ({ status }: Response) => status
const url = 'https://storage.invalid/upload'

test('in a browser, the bytes of a chunk are reported as they leave, and the first chunk is small', async () => {
  replies = [
    { status: 308, headers: `range: bytes=0-${MB - 1}\r\nretry-after: 1\r\n` },
    // Storage elsewhere, whose Range the page may not read.
    { status: 308 },
    { status: 200 },
  ]
  const seen: SendProgress[] = []
  await sendFile(
    chunksOfBlob(new Blob([new Uint8Array(2 * MB + 10)])),
    { url, headers: { 'x-signed': '1' } },
    {
      transport: createTransport({}),
      isResumed: false,
      onProgress: (progress) => seen.push(progress),
    },
  )
  expect(requests.map(({ line, headers, bytes }) => [line, headers['content-range'], bytes])).toEqual([
    [`PUT ${url}`, `bytes 0-${MB - 1}/${2 * MB + 10}`, MB],
    [`PUT ${url}`, `bytes ${MB}-${2 * MB - 1}/${2 * MB + 10}`, MB],
    [`PUT ${url}`, `bytes ${2 * MB}-${2 * MB + 9}/${2 * MB + 10}`, 10],
  ])
  expect(requests[0]?.headers).toMatchObject({ 'x-signed': '1' })
  expect(seen.map(({ sent }) => sent)).toEqual([0, MB / 2, MB, 1.5 * MB, 2 * MB, 2 * MB + 5, 2 * MB + 10])
})

test('a reply that describes an error is that error, and none is a failed connection', async () => {
  const transport = createTransport({})
  const request = { method: 'PUT', url, attempts: 1, repeatable: false, onSent: () => {} }
  const send = () => transport.send(request, statusOf)
  replies = [{ status: 403, text: '{"code":"upload.quota_exceeded","detail":"Full."}' }, { status: 0 }]
  await expect(send()).rejects.toMatchObject({ code: 'upload.quota_exceeded', status: 403 })
  await expect(send()).rejects.toMatchObject({ code: 'client.connection_failed', status: undefined })
})

test('an aborted signal ends a request with its reason', async () => {
  const stop = new AbortController()
  const request = { method: 'PUT', url, signal: stop.signal, repeatable: true, onSent: () => {} }
  const sending = createTransport({}).send(request, statusOf)
  stop.abort(new Error('enough'))
  await expect(sending).rejects.toThrow('enough')
})

test('a program that gives a fetch of its own has its requests sent by that', async () => {
  const transport = createTransport({ fetch: async () => new Response('{}') })
  const request = { method: 'PUT', url, repeatable: true, onSent: () => {} }
  expect(await transport.send(request, statusOf)).toBe(200)
  expect(requests).toHaveLength(0)
})
