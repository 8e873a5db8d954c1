import { once } from 'node:events'
import { Agent, createServer, type IncomingMessage, request, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Random } from './random.ts'

/** What happens to a call that is struck. `stall` lets nothing be heard for a while and then breaks it. */
const FAULTS = ['503', '429', 'reset', 'lost reply', 'stall'] as const
type Fault = (typeof FAULTS)[number]

export type StorageProxy = {
  url: string
  /** Calls in all, and how many were struck by what. */
  tally(): { calls: number; struck: Record<string, number> }
  close(): Promise<void>
}

type Options = { target: string; share: number; stallMs: number; random: Random }

/** Stands between the product and a store on HTTP, and strikes `share` of the calls, a different way each. */
export async function startStorageProxy({ target, share, stallMs, random }: Options): Promise<StorageProxy> {
  const agent = new Agent({ keepAlive: true })
  const struck: Record<string, number> = {}
  let calls = 0

  const server = createServer((incoming, outgoing) => {
    calls += 1
    const fault = random.chance(share) ? random.pick(FAULTS) : undefined
    if (fault) struck[fault] = (struck[fault] ?? 0) + 1
    incoming.on('error', () => incoming.socket.destroy())
    if (fault === 'reset') return void incoming.socket.destroy()
    if (fault === 'stall') {
      incoming.resume()
      return void setTimeout(() => incoming.socket.destroy(), stallMs).unref()
    }
    if (fault === '503' || fault === '429') return refuse(incoming, outgoing, Number(fault))
    forward(incoming, outgoing, fault)
  })

  function forward(incoming: IncomingMessage, outgoing: ServerResponse, fault: Fault | undefined) {
    const { method, url, headers } = incoming
    // The host stays as it was, so that upload sessions are continued through here as well.
    const onward = request(new URL(url ?? '/', target), { method, headers, agent }, (reply) => {
      if (fault === 'lost reply') {
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
    tally: () => ({ calls, struck: { ...struck } }),
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
  const body = JSON.stringify({ error: { code: status, message: 'A fault made on purpose.' } })
  incoming.resume()
  incoming.once('end', () => outgoing.writeHead(status, { 'content-type': 'application/json' }).end(body))
}
