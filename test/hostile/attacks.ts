import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Client, openAccount, openClient, upload } from './http-client.ts'
import { indexBomb } from './index-bomb.ts'

/** Where an attack goes: the service, whose sources may be at `sourceHost`, and the account that it is aimed at. */
export type Target = { url: string; sourceHost: string; victimEmail: string }

/** What the attackers' requests were answered: how often each status, and what became of their tasks. */
export type Tally = Map<string, number>

export type Attack = {
  id: string
  title: string
  /**
   * Creates what the attack needs. The returned function attacks until `signal` is aborted or the attack is through, and
   * counts what it is answered.
   */
  prepare(target: Target): Promise<(tally: Tally, signal: AbortSignal) => Promise<void>>
}

/** A round trip over a network; on the loopback interface, an attacker would be limited by this machine alone. */
const ROUND_TRIP_MS = 20

const count = (tally: Tally, key: string | number) =>
  tally.set(String(key), (tally.get(String(key)) ?? 0) + 1)

/** Calls `ask` on `connections` connections until it has been called `times` times or `signal` is aborted. */
async function repeat(
  times: number,
  connections: number,
  signal: AbortSignal,
  ask: (index: number) => Promise<unknown>,
) {
  let next = 0
  const work = async () => {
    while (next < times && !signal.aborted) {
      await ask(next++)
      await sleep(ROUND_TRIP_MS)
    }
  }
  await Promise.all(Array.from({ length: connections }, work))
}

const wrongLogins = (
  email: (index: number) => string,
  times: number,
  connections: number,
  address: string,
) => {
  return async ({ url }: Target) => {
    const client = openClient(url, address, connections)
    return async (tally: Tally, signal: AbortSignal) => {
      await repeat(times, connections, signal, async (index) => {
        const login = { email: email(index), password: `wrong ${index}` }
        count(tally, (await client.call('POST', '/auth/login', undefined, login)).status)
      })
      client.close()
    }
  }
}

/** Tasks of an attacker, created until `signal` is aborted; counts how they ended. */
async function attackWithTasks(
  client: Client,
  token: string,
  tasks: object[],
  tally: Tally,
  signal: AbortSignal,
) {
  const ids: string[] = []
  for (const task of tasks) {
    const { status, body } = await client.call('POST', '/tasks', token, task)
    count(tally, status)
    if (status === 202) ids.push(JSON.parse(body).id)
  }
  if (!signal.aborted) await once(signal, 'abort')
  for (const id of ids) {
    const { body } = await client.call('GET', `/tasks/${id}`, token)
    const task = JSON.parse(body || '{}')
    count(tally, task.error?.code ?? task.status ?? 'no answer')
    await client.call('DELETE', `/tasks/${id}`, token)
  }
  client.close()
}

/** A host whose files never end: one byte a second. */
async function tricklingHost(port: number) {
  const server = createServer((_, reply) => {
    reply.writeHead(200, { 'Content-Type': 'video/mp4', 'Content-Length': 1_000_000_000 })
    const timer = setInterval(() => reply.write('\0'), 1_000)
    reply.once('close', () => clearInterval(timer))
  })
  server.listen(port, '127.0.0.1')
  await once(server, 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    close() {
      server.closeAllConnections()
      server.close()
    },
  }
}

const trickling = (accounts: number) => async (target: Target) => {
  const host = await tricklingHost(Number(new URL(target.sourceHost).port))
  const attackers = await Promise.all(
    Array.from({ length: accounts }, async (_, index) => {
      const client = openClient(target.url, `198.51.100.${10 + accounts + index}`, 4)
      return { client, ...(await openAccount(client, `trickle-${accounts}-${index}`)) }
    }),
  )
  return async (tally: Tally, signal: AbortSignal) => {
    const tasks = Array.from({ length: 10 / accounts }, (_, index) => ({
      url: `${target.sourceHost}/${index}.mp4`,
    }))
    await Promise.all(
      attackers.map(({ client, token }) => attackWithTasks(client, token, tasks, tally, signal)),
    )
    host.close()
  }
}

export const attacks: Attack[] = [
  {
    id: 'logins',
    title: '300 wrong logins to one account',
    prepare: async (target) => wrongLogins(() => target.victimEmail, 300, 4, '198.51.100.1')(target),
  },
  {
    id: 'connections',
    title: '60 connections of wrong logins',
    prepare: wrongLogins((index) => `nobody-${index}@example.org`, 1e9, 60, '198.51.100.2'),
  },
  {
    id: 'streams',
    title: '2,000 event streams of one account',
    async prepare({ url, sourceHost }) {
      const client = openClient(url, '198.51.100.3', 2_000)
      const { token } = await openAccount(client, 'streamer')
      // The stream of a finished task ends; this one waits for its source.
      const host = await tricklingHost(Number(new URL(sourceHost).port))
      const created = await client.call('POST', '/tasks', token, { url: `${sourceHost}/a.mp4` })
      const { id } = JSON.parse(created.body)
      return async (tally, signal) => {
        await repeat(2_000, 50, signal, async () =>
          count(tally, await client.hold(`/tasks/${id}/events`, token)),
        )
        if (!signal.aborted) await once(signal, 'abort')
        client.close()
        host.close()
      }
    },
  },
  { id: 'trickle', title: '10 sources of a byte a second, of one account', prepare: trickling(1) },
  { id: 'trickle-10', title: '10 sources of a byte a second, of ten accounts', prepare: trickling(10) },
  {
    id: 'bombs',
    title: '20 tasks of files whose index takes 2.7 GB',
    async prepare({ url }) {
      const client = openClient(url, '198.51.100.4', 4)
      const { token } = await openAccount(client, 'bomber')
      const uploadId = await upload(client, token, indexBomb(85_000_000))
      const tasks = Array.from({ length: 20 }, () => ({
        sources: [{ upload_id: uploadId }, { upload_id: uploadId }],
      }))
      return (tally, signal) => attackWithTasks(client, token, tasks, tally, signal)
    },
  },
  {
    id: 'signups',
    title: '10,000 sign-ups from eight addresses',
    async prepare({ url }) {
      const clients = Array.from({ length: 8 }, (_, index) => openClient(url, `198.51.100.${100 + index}`, 4))
      return async (tally, signal) => {
        await repeat(10_000, 32, signal, async (index) => {
          const name = `account-${index}`
          const body = { username: name, email: `${name}@example.org`, password: `${name} has a password` }
          const client = clients[index % clients.length] as Client
          const signup = { ...body, password_2: body.password }
          const { status } = await client.call('POST', '/auth/signup', undefined, signup)
          count(tally, status)
        })
        for (const client of clients) client.close()
      }
    },
  },
]
