import { strict as assert } from 'node:assert'

/** Another client of an account: what it creates appears on the page. */
export type Client = {
  /** Returns the id of the upload. */
  upload(filename: string, bytes: Uint8Array): Promise<string>
  /** Returns the id of the task. */
  createTask(body: object): Promise<string>
}

export async function logInClient(
  origin: string,
  account: { email: string; password: string },
): Promise<Client> {
  const { token } = await post(`${origin}/auth/login`, account)
  const headers = { Authorization: `Bearer ${token}` }
  return {
    async upload(filename, bytes) {
      const body = { filename, content_type: 'video/mp4' }
      const upload = await post(`${origin}/uploads`, body, headers)
      const { pathname, search } = new URL(String(upload.url))
      const reply = await fetch(origin + pathname + search, {
        method: 'PUT',
        body: bytes as Uint8Array<ArrayBuffer>,
        headers: upload.headers as Record<string, string>,
      })
      assert.ok(reply.ok, `upload: ${reply.status}`)
      return String(upload.upload_id)
    },
    createTask: async (body) => String((await post(`${origin}/tasks`, body, headers)).id),
  }
}

async function post(url: string, body: object, headers = {}): Promise<Record<string, unknown>> {
  const reply = await fetch(url, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', ...headers },
    body: JSON.stringify(body),
  })
  assert.ok(reply.ok, `${url}: ${reply.status}`)
  return (await reply.json()) as Record<string, unknown>
}
