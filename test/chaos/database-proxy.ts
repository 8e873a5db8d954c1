import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { createMessageReader, isCommit, isNotification, type ServerMessage } from './postgres-messages.ts'

/** A TCP proxy between one service and Postgres. */
export type DatabaseProxy = {
  port: number
  /** Closes every connection; new ones are accepted. */
  cut(): void
  /** `true`: closes every connection and refuses new ones until called with `false`. */
  refuse(on: boolean): void
  /** `true`: holds back every byte in both directions until called with `false`. */
  stall(on: boolean): void
  /** `true`: drops every notification until called with `false`. */
  dropNotifications(on: boolean): void
  /** At the next confirmed COMMIT: calls `then`, drops the confirmation and closes that connection. */
  swallowCommit(then: () => void): void
  /** Cancels a pending `swallowCommit`. */
  cancelSwallow(): void
  close(): Promise<void>
}

/** Listens on a free loopback port and forwards each connection to the port that `target()` returns at that moment. */
export async function startDatabaseProxy(target: () => number): Promise<DatabaseProxy> {
  const sockets = new Set<Socket>()
  const state = { refusing: false, stalled: false, dropsNotifications: false }
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
        if (!(state.dropsNotifications && isNotification(message))) client.write(message.bytes)
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
      state.dropsNotifications = on
    },
    swallowCommit(then) {
      onCommit = then
    },
    cancelSwallow() {
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
