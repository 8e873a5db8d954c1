import { randomUUID } from 'node:crypto'
import { openAsBlob } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { Token } from '#shared/contract/auth.ts'
import { Task } from '#shared/contract/tasks.ts'
import { Upload } from '#shared/contract/uploads.ts'

/** How long a client retries a call before it counts it as lost. */
const RETRY_TIMEOUT_MS = 90_000
const RETRY_DELAY_MS = 100
/** Statuses after which the call is retried. */
const RETRYABLE = new Set([429, 502, 503, 504])

/** An API client that retries a failed call with the same Idempotency-Key at the next instance. */
export type Client = {
  token: string
  /** One call, to the instance `via` or to the next in turn; rejects when there is no reply. */
  call(path: string, options?: RequestInit & { via?: string }): Promise<Response>
  /** Creates a task; resolves once the reply is 202. A random `key` is used when none is given. */
  create(body: object, options?: { key?: string; via?: string }): Promise<Task>
  task(id: string): Promise<Task>
  /** Uploads a file to the URL that POST /uploads returned; returns the upload's id. */
  upload(path: string): Promise<string>
  /** Replies of 500 so far. Calls are retried after them, but there should be none. */
  internalErrors(): number
}

/** Called with the status of each reply that was not the expected one. */
type OnStatus = (status: number) => void

/** Signs up a user and logs in; calls go to `urls` in turn. */
export async function openClient(urls: string[], name = `user-${randomUUID().slice(0, 8)}`): Promise<Client> {
  let turn = 0
  let internalErrors = 0
  const onStatus: OnStatus = (status) => {
    if (status === 500) internalErrors += 1
  }
  const next = () => urls[turn++ % urls.length] as string
  const email = `${name}@example.org`
  const password = 'correct horse battery'
  const post = (path: string, body: object) => () =>
    fetch(next() + path, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    })
  await retryUntil(
    201,
    post('/auth/signup', { username: name, email, password, password_2: password }),
    onStatus,
  )
  const { token } = Token.parse(
    await (await retryUntil(200, post('/auth/login', { email, password }), onStatus)).json(),
  )

  const call: Client['call'] = (path, { via, ...options } = {}) =>
    fetch((via ?? next()) + path, {
      ...options,
      headers: {
        authorization: `Bearer ${token}`,
        'content-type': 'application/json',
        ...options.headers,
      },
    })

  return {
    token,
    call,
    async create(body, { key = randomUUID(), via } = {}) {
      const options = { method: 'POST', headers: { 'idempotency-key': key }, body: JSON.stringify(body) }
      const reply = await retryUntil(202, () => call('/tasks', { ...options, ...(via && { via }) }), onStatus)
      return Task.parse(await reply.json())
    },
    async task(id) {
      return Task.parse(await (await retryUntil(200, () => call(`/tasks/${id}`), onStatus)).json())
    },
    async upload(path) {
      const body = JSON.stringify({ filename: 'clip.wav' })
      const reply = await retryUntil(201, () => call('/uploads', { method: 'POST', body }), onStatus)
      const { url, method, headers, upload_id } = Upload.parse(await reply.json())
      const bytes = await openAsBlob(path)
      await retryUntil([200, 201], () => fetch(url, { method, headers, body: bytes }), onStatus)
      return upload_id
    },
    internalErrors: () => internalErrors,
  }
}

/** Retries a call until the reply has an expected status. Rejects on any status that is not retryable, and on timeout. */
async function retryUntil(
  expected: number | number[],
  call: () => Promise<Response>,
  onStatus: OnStatus,
): Promise<Response> {
  const accepted = [expected].flat()
  const until = performance.now() + RETRY_TIMEOUT_MS
  for (;;) {
    const reply = await call().catch(() => undefined)
    if (reply && accepted.includes(reply.status)) return reply
    if (reply) onStatus(reply.status)
    const description = reply
      ? `${reply.url} returned ${reply.status}: ${await reply.text().catch(String)}`
      : 'no reply'
    if (reply && reply.status !== 500 && !RETRYABLE.has(reply.status)) throw new Error(description)
    if (performance.now() > until)
      throw new Error(`Gave up after ${RETRY_TIMEOUT_MS / 1000} s: ${description}`)
    await sleep(RETRY_DELAY_MS)
  }
}
