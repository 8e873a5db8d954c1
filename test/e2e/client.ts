import { openAsBlob } from 'node:fs'
import { Token } from '#shared/contract/auth.ts'
import { WebhookSecret } from '#shared/contract/notify.ts'
import { type CreateTask, Task, TaskDetails, TaskList, type TaskSummary } from '#shared/contract/tasks.ts'
import { Upload } from '#shared/contract/uploads.ts'
import { eventually } from './processes.ts'

type CreateBody = Partial<Record<keyof CreateTask, unknown>>

export type Client = Awaited<ReturnType<typeof openAccount>>

/** Signs up a user, logs in and returns the API calls as functions. */
export async function openAccount(url: string, username = 'ada') {
  const account = { email: `${username}@example.org`, password: 'correct horse battery' }
  const send = (path: string, body: object) =>
    fetch(`${url}${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    })
  await expectStatus(await send('/auth/signup', { username, ...account, password_2: account.password }), 201)
  const { token } = Token.parse(await (await expectStatus(await send('/auth/login', account), 200)).json())
  return clientOf(url, token)
}

/** The API calls of a user who already has a token. */
export function clientOf(url: string, token: string) {
  const call = (path: string, options: RequestInit = {}) =>
    fetch(`${url}${path}`, {
      ...options,
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    })
  const task = async (id: string) =>
    TaskDetails.parse(await (await expectStatus(await call(`/tasks/${id}`), 200)).json())

  return {
    token,
    task,
    /** Uploads a file; returns the upload's id. */
    async upload(path: string): Promise<string> {
      const reply = await call('/uploads', { method: 'POST', body: JSON.stringify({ filename: 'clip.mp4' }) })
      const target = Upload.parse(await (await expectStatus(reply, 201)).json())
      const { method, headers } = target
      // Cloud Storage replies 200; web, with disk storage, 201.
      await expectStatus(await fetch(target.url, { method, headers, body: await openAsBlob(path) }), 200, 201)
      return target.upload_id
    },
    async create(body: CreateBody): Promise<Task> {
      const reply = await call('/tasks', { method: 'POST', body: JSON.stringify(body) })
      return Task.parse(await (await expectStatus(reply, 202)).json())
    },
    /** Creates a task from a file and a recipe, in one form. */
    async createFromFile(path: string, recipe: object): Promise<Task> {
      const body = new FormData()
      body.set('recipe', JSON.stringify(recipe))
      body.set('file', await openAsBlob(path), 'clip.mp4')
      const headers = { authorization: `Bearer ${token}` }
      const reply = await fetch(`${url}/tasks`, { method: 'POST', headers, body })
      return Task.parse(await (await expectStatus(reply, 202)).json())
    },
    async webhookSecret(): Promise<string> {
      return WebhookSecret.parse(await (await expectStatus(await call('/auth/webhook-secret'), 200)).json())
        .secret
    },
    async abort(id: string): Promise<Task> {
      return Task.parse(
        await (await expectStatus(await call(`/tasks/${id}`, { method: 'DELETE' }), 200)).json(),
      )
    },
    async list(): Promise<TaskSummary[]> {
      const reply = await call('/tasks?max=100&order=0')
      return TaskList.parse(await (await expectStatus(reply, 200)).json()).tasks
    },
    async download(id: string, name: string): Promise<Buffer> {
      const reply = await expectStatus(await call(`/tasks/${id}/outputs/${name}`), 200)
      return Buffer.from(await reply.arrayBuffer())
    },
    /** Polls the task until `isWanted`; rejects when it has ended in another way, or after `timeoutMs`. */
    async until(
      id: string,
      what: string,
      isWanted: (task: TaskDetails) => boolean,
      timeoutMs = 60_000,
    ): Promise<TaskDetails> {
      return eventually(what, timeoutMs, async () => {
        const now = await task(id)
        if (isWanted(now)) return now
        if (/failed|aborted|succeeded/.test(now.status))
          throw new Error(`Waited for ${what}, but: ${JSON.stringify(now)}`)
        return undefined
      })
    },
  }
}

async function expectStatus(reply: Response, ...statuses: number[]): Promise<Response> {
  if (statuses.includes(reply.status)) return reply
  const expected = statuses.join(' or ')
  throw new Error(`${reply.url} returned ${reply.status} instead of ${expected}: ${await reply.text()}`)
}
