import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { createMessageReader, isCommit, isNotification, type ServerMessage } from './postgres-messages.ts'

/** What stands between one service and Postgres. */
export type DatabaseProxy = {
  port: number
  /** Breaks every connection; new ones are taken again. */
  cut(): void
  /** From now on: `true` takes no connection and breaks those there are. */
  refuse(on: boolean): void
  /** From now on: `true` holds back every byte in both directions. */
  stall(on: boolean): void
  /** From now on: `true` lets no notification through. */
  dropNotifications(on: boolean): void
  /** Calls back when the next COMMIT is confirmed, keeps the confirmation back, and breaks that connection. */
  swallowCommit(then: () => void): void
  /** Takes back a `swallowCommit` that has not struck. */
  spareCommits(): void
  close(): Promise<void>
}

/** Listens on a free port of the loopback and passes everything on to `target()`, asked for each connection. */
export async function startDatabaseProxy(target: () => number): Promise<DatabaseProxy> {
  const sockets = new Set<Socket>()
  const state = { refusing: false, stalled: false, mute: false }
  let onCommit: (() => void) | undefined

  const server = createServer((client) => {
    if (state.refusing) return void client.destroy()
    const upstream = connect(target(), '127.0.0.1')
    const read = createMessageReader()
    const end = () => {
      for (const socket of [client, upstream]) {
        socket.destroy()
        sockets.delete(socket)
      }
    }
    for (const socket of [client, upstream]) {
      sockets.add(socket)
      socket.setNoDelay(true)
      socket.on('error', end).on('close', end)
      if (state.stalled) socket.pause()
    }
    client.on('data', (chunk) => void upstream.write(chunk))
    upstream.on('data', (chunk) => {
      for (const message of read(chunk)) {
        if (swallows(message)) return end()
        if (!(state.mute && isNotification(message))) client.write(message.bytes)
      }
    })
  })

  function swallows(message: ServerMessage): boolean {
    if (!onCommit || !isCommit(message)) return false
    const then = onCommit
    onCommit = undefined
    then()
    return true
  }

  function cut() {
    for (const socket of sockets) socket.destroy()
  }

  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    cut,
    refuse(on) {
      state.refusing = on
      if (on) cut()
    },
    stall(on) {
      state.stalled = on
      for (const socket of sockets) on ? socket.pause() : socket.resume()
    },
    dropNotifications(on) {
      state.mute = on
    },
    swallowCommit(then) {
      onCommit = then
    },
    spareCommits() {
      onCommit = undefined
    },
    async close() {
      const closed = once(server, 'close')
      server.close()
      cut()
      await closed
    },
  }
}
