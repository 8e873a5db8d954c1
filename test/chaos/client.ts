import { randomUUID } from 'node:crypto'
import { openAsBlob } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { Token } from '#shared/contract/auth.ts'
import { Task } from '#shared/contract/tasks.ts'
import { Upload } from '#shared/contract/uploads.ts'

/** How long a client goes on trying before it counts a call as lost. */
const PATIENCE_MS = 90_000
const PAUSE_MS = 100
/** Replies that say "not now". */
const PASSING = new Set([429, 502, 503, 504])

/** A user of the API who tries again, with the same key and at another instance, whenever a call comes to nothing. */
export type Client = {
  token: string
  /** One call, to the instance given or any; rejects when there is no reply. */
  call(path: string, options?: RequestInit & { via?: string }): Promise<Response>
  /** Creates a task; resolves once there is a 202. `key` is one of its own when left out. */
  create(body: object, options?: { key?: string; via?: string }): Promise<Task>
  task(id: string): Promise<Task>
  /** Puts a file where POST /uploads says; gives the upload's id. */
  upload(path: string): Promise<string>
  /** Replies of 500 so far: calls are repeated after them, and yet there should be none. */
  bugs(): number
}

/** Hears the status of each reply. */
type Note = (status: number) => void

/** Signs up a user at one of these addresses, in turn, and logs in. */
export async function openClient(urls: string[], name = `user-${randomUUID().slice(0, 8)}`): Promise<Client> {
  let turn = 0
  let bugs = 0
  const note: Note = (status) => {
    if (status === 500) bugs += 1
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
  await persist(201, post('/auth/signup', { username: name, email, password, password_2: password }), note)
  const { token } = Token.parse(
    await (await persist(200, post('/auth/login', { email, password }), note)).json(),
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
      const reply = await persist(202, () => call('/tasks', { ...options, ...(via && { via }) }), note)
      return Task.parse(await reply.json())
    },
    async task(id) {
      return Task.parse(await (await persist(200, () => call(`/tasks/${id}`), note)).json())
    },
    async upload(path) {
      const body = JSON.stringify({ filename: 'clip.wav' })
      const reply = await persist(201, () => call('/uploads', { method: 'POST', body }), note)
      const { url, method, headers, upload_id } = Upload.parse(await reply.json())
      const bytes = await openAsBlob(path)
      await persist([200, 201], () => fetch(url, { method, headers, body: bytes }), note)
      return upload_id
    },
    bugs: () => bugs,
  }
}

/** Calls until the reply has the status wanted. Rejects for any other that will not pass, or when it takes too long. */
async function persist(
  wanted: number | number[],
  call: () => Promise<Response>,
  note: Note,
): Promise<Response> {
  const fine = [wanted].flat()
  const until = performance.now() + PATIENCE_MS
  for (;;) {
    const reply = await call().catch(() => undefined)
    if (reply && fine.includes(reply.status)) return reply
    if (reply) note(reply.status)
    const said = reply
      ? `${reply.url} answered ${reply.status}: ${await reply.text().catch(String)}`
      : 'no reply'
    if (reply && reply.status !== 500 && !PASSING.has(reply.status)) throw new Error(said)
    if (performance.now() > until) throw new Error(`Given up after ${PATIENCE_MS / 1000} s: ${said}`)
    await sleep(PAUSE_MS)
  }
}
