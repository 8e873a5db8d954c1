import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { answer } from './api.ts'
import { createFailures, type Failure } from './failures.ts'
import { GoogleError } from './google-error.ts'
import { createBuckets } from './objects.ts'
import type { Reply } from './reply.ts'
import { createSessions } from './sessions.ts'

export type FakeGcs = {
  /** http://127.0.0.1:port */
  url: string
  close(): Promise<void>
}

/**
 * Starts a fake of Cloud Storage's JSON API on the loopback, as strict as the real one about generations, checksums and
 * resumable sessions. It checks no credentials and keeps everything in memory. Control requests: POST /_fake/failures (a
 * Failure) injects a failure, DELETE /_fake/failures removes all, POST /_fake/expire ends every upload session, and
 * POST /_fake/reset empties the buckets and removes all failures.
 */
export async function startFakeGcs(options: { port?: number; buckets: string[] }): Promise<FakeGcs> {
  const failures = createFailures()
  let world = newWorld(options.buckets)

  async function serve(req: IncomingMessage, res: ServerResponse): Promise<void> {
    const { method = 'GET', url: path = '/' } = req
    const isControl = path.startsWith('/_fake/')
    const failure = isControl ? undefined : failures.take(method, path)
    if (failure?.kind === 'reset') {
      req.socket.destroy()
      return
    }
    const { body, whole } = await readBody(req)
    const reply = orError(() => {
      if (isControl) return control(`${method} ${path}`, body)
      if (failure?.kind === 'status') throw new GoogleError(failure.status ?? 503, 'Injected failure.')
      const url = new URL(path, `http://${req.headers.host}`)
      return answer(world, { method, url, headers: req.headers, body, whole })
    })
    if (failure?.kind === 'lose-reply') req.socket.destroy()
    else send(res, reply, failure?.kind === 'cut-reply')
  }

  function control(request: string, body: Buffer): Reply {
    if (request === 'POST /_fake/failures') failures.add(JSON.parse(body.toString()) as Failure)
    else if (request === 'DELETE /_fake/failures') failures.clear()
    else if (request === 'POST /_fake/expire') world.sessions.expire()
    else if (request === 'POST /_fake/reset') {
      failures.clear()
      world = newWorld(options.buckets)
    } else throw new GoogleError(404, `Unknown control request ${request}.`)
    return { status: 204, headers: {} }
  }

  const server = createServer((req, res) => void serve(req, res))
  await new Promise<void>((listening) => server.listen(options.port ?? 0, '127.0.0.1', listening))
  const address = server.address()
  const port = typeof address === 'object' && address ? address.port : 0
  return {
    url: `http://127.0.0.1:${port}`,
    async close() {
      server.closeAllConnections()
      await new Promise((closed) => server.close(closed))
    },
  }
}

function send(res: ServerResponse, { status, headers, body }: Reply, cut: boolean): void {
  const length = body?.length ?? 0
  res.writeHead(status, { ...(status !== 204 && { 'content-length': length }), ...headers })
  if (cut) res.write(body?.subarray(0, length / 2), () => res.destroy())
  else res.end(body)
}

function newWorld(names: string[]) {
  const buckets = createBuckets(names)
  return { buckets, sessions: createSessions(buckets) }
}

function orError(reply: () => Reply): Reply {
  try {
    return reply()
  } catch (thrown) {
    if (!(thrown instanceof GoogleError)) throw thrown
    const body = Buffer.from(JSON.stringify(thrown))
    return { status: thrown.status, headers: { 'content-type': 'application/json' }, body }
  }
}

async function readBody(req: IncomingMessage): Promise<{ body: Buffer; whole: boolean }> {
  const chunks: Buffer[] = []
  let whole = true
  try {
    for await (const chunk of req) chunks.push(chunk)
  } catch {
    whole = false
  }
  return { body: Buffer.concat(chunks), whole }
}
