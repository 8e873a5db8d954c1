import { once } from 'node:events'
import { Agent, createServer, type IncomingMessage, request, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Random } from './random.ts'

/** Injected failures of a call. `lost reply` performs the call but drops the reply; `stall` hangs for a while and then closes the connection. */
const FAILURES = ['503', '429', 'reset', 'lost reply', 'stall'] as const
type Failure = (typeof FAILURES)[number]

export type StorageProxy = {
  url: string
  /** Number of calls, and of injected failures by kind. */
  tally(): { calls: number; failures: Record<string, number> }
  close(): Promise<void>
}

type Options = { target: string; share: number; stallMs: number; random: Random }

/** A proxy in front of an HTTP storage that fails `share` of the calls in random ways. */
export async function startStorageProxy({ target, share, stallMs, random }: Options): Promise<StorageProxy> {
  const agent = new Agent({ keepAlive: true })
  const failures: Record<string, number> = {}
  let calls = 0

  const server = createServer((incoming, outgoing) => {
    calls += 1
    const failure = random.chance(share) ? random.pick(FAILURES) : undefined
    if (failure) failures[failure] = (failures[failure] ?? 0) + 1
    incoming.on('error', () => incoming.socket.destroy())
    if (failure === 'reset') return void incoming.socket.destroy()
    if (failure === 'stall') {
      incoming.resume()
      return void setTimeout(() => incoming.socket.destroy(), stallMs).unref()
    }
    if (failure === '503' || failure === '429') return refuse(incoming, outgoing, Number(failure))
    forward(incoming, outgoing, failure)
  })

  function forward(incoming: IncomingMessage, outgoing: ServerResponse, failure: Failure | undefined) {
    const { method, url, headers } = incoming
    // The Host header is kept, so that upload sessions also continue through this proxy.
    const onward = request(new URL(url ?? '/', target), { method, headers, agent }, (reply) => {
      if (failure === 'lost reply') {
        reply.resume()
        return void reply.once('end', () => incoming.socket.destroy())
      }
      outgoing.writeHead(reply.statusCode ?? 502, reply.headers)
      reply.on('error', () => outgoing.destroy())
      reply.pipe(outgoing)
    })
    onward.on('error', () => incoming.socket.destroy())
    incoming.pipe(onward)
  }

  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    tally: () => ({ calls, failures: { ...failures } }),
    async close() {
      const closed = once(server, 'close')
      server.close()
      server.closeAllConnections()
      agent.destroy()
      await closed
    },
  }
}

function refuse(incoming: IncomingMessage, outgoing: ServerResponse, status: number): void {
  const body = JSON.stringify({ error: { code: status, message: 'Injected failure.' } })
  incoming.resume()
  incoming.once('end', () => outgoing.writeHead(status, { 'content-type': 'application/json' }).end(body))
}
