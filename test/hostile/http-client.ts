import { Agent, type IncomingMessage, request } from 'node:http'

/** The reply to a request, and how long it took. Status 0: the connection failed. */
export type Answer = { status: number; ms: number; body: string }
export type Client = ReturnType<typeof openClient>

/**
 * A client with an address of its own, as a proxy would report it (TRUST_PROXY=1). `connections`: how many it keeps open.
 */
export function openClient(url: string, address: string, connections = 4) {
  const { hostname, port } = new URL(url)
  const agent = new Agent({ keepAlive: true, maxSockets: connections })
  const start = (
    method: string,
    path: string,
    token?: string,
    body?: string | Buffer,
    type = 'application/json',
  ) => {
    const sending = request({
      hostname,
      port,
      path,
      method,
      agent,
      headers: {
        'X-Forwarded-For': address,
        ...(token && { Authorization: `Bearer ${token}` }),
        ...(body !== undefined && { 'Content-Type': type, 'Content-Length': Buffer.byteLength(body) }),
      },
    })
    sending.end(body)
    return sending
  }
  return {
    /** Sends a request and reads its reply; never rejects. */
    call(method: string, path: string, token?: string, body?: object | Buffer): Promise<Answer> {
      const startedAt = performance.now()
      const isFile = Buffer.isBuffer(body)
      const bytes = body === undefined || isFile ? body : JSON.stringify(body)
      return new Promise((resolve) => {
        const end = (status: number, text: string) =>
          resolve({ status, ms: performance.now() - startedAt, body: text })
        const sending = start(method, path, token, bytes, isFile ? 'application/octet-stream' : undefined)
        sending.on('error', () => end(0, ''))
        sending.on('response', (reply: IncomingMessage) => {
          let text = ''
          reply.on('data', (chunk) => (text += chunk))
          reply.on('end', () => end(reply.statusCode ?? 0, text))
          reply.on('error', () => end(0, ''))
        })
      })
    },
    /** Opens an event stream; resolves with its status once it has begun, and leaves it open. */
    hold(path: string, token: string): Promise<number> {
      return new Promise((resolve) => {
        const sending = start('GET', path, token)
        sending.on('error', () => resolve(0))
        sending.on('response', (reply) => {
          reply.on('error', () => {})
          reply.resume()
          resolve(reply.statusCode ?? 0)
        })
      })
    },
    /** Closes all connections, streams included. */
    close: () => agent.destroy(),
  }
}

/** Signs up and logs in; returns the token. @throws Error when the service refuses either. */
export async function openAccount(client: Client, name: string): Promise<{ token: string; email: string }> {
  const email = `${name}@example.org`
  const signup = { username: name, email, password: PASSWORD, password_2: PASSWORD }
  const { status, body } = await client.call('POST', '/auth/signup', undefined, signup)
  if (status !== 201) throw new Error(`${name} could not sign up: ${status} ${body}`)
  const login = await client.call('POST', '/auth/login', undefined, { email, password: PASSWORD })
  if (login.status !== 200) throw new Error(`${name} could not log in: ${login.status} ${login.body}`)
  return { token: JSON.parse(login.body).token, email }
}

export const PASSWORD = 'correct horse battery staple'

/** Uploads a file; returns the upload's id. */
export async function upload(client: Client, token: string, bytes: Buffer): Promise<string> {
  const { status, body } = await client.call('POST', '/uploads', token, {})
  if (status !== 201) throw new Error(`An upload was refused: ${status} ${body}`)
  const { url, upload_id } = JSON.parse(body)
  const { pathname, search } = new URL(url)
  const sent = await client.call('PUT', pathname + search, undefined, bytes)
  if (sent.status !== 201) throw new Error(`The bytes of an upload were refused: ${sent.status} ${sent.body}`)
  return upload_id
}
