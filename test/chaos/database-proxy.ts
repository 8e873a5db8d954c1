import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import {
  createMessageReader,
  isCommit,
  isIdle,
  isNotification,
  type ServerMessage,
} from './postgres-messages.ts'

/** Breaks the connection `before` a statement reaches Postgres, or `after` it has committed but unconfirmed. */
export type Interruption = { statement: string; when: 'before' | 'after' }

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
  /** At the next message that contains the text `statement`: calls `then` and breaks that connection. */
  interrupt(at: Interruption, then: () => void): void
  /** Cancels a pending `interrupt`. */
  cancelInterrupt(): void
  close(): Promise<void>
}

/** Listens on a free loopback port and forwards each connection to the port that `target()` returns at that moment. */
export async function startDatabaseProxy(target: () => number): Promise<DatabaseProxy> {
  const sockets = new Set<Socket>()
  const state = { refusing: false, stalled: false, dropsNotifications: false }
  let onCommit: (() => void) | undefined
  let interruption: (Interruption & { then: () => void }) | undefined

  const server = createServer((client) => {
    if (state.refusing) return void client.destroy()
    const upstream = connect(target(), '127.0.0.1')
    const read = createMessageReader()
    let onIdle: (() => void) | undefined
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
    client.on('data', (chunk) => {
      const interrupted = takeInterruption(chunk)
      if (interrupted?.when === 'before') {
        interrupted.then()
        return end()
      }
      onIdle ??= interrupted?.then
      upstream.write(chunk)
    })
    upstream.on('data', (chunk) => {
      for (const message of read(chunk)) {
        if (swallows(message)) return end()
        if (onIdle && isIdle(message)) {
          onIdle()
          return end()
        }
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

  function takeInterruption(chunk: Buffer) {
    if (!interruption || !chunk.includes(interruption.statement)) return undefined
    const taken = interruption
    interruption = undefined
    return taken
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
    interrupt(at, then) {
      interruption = { ...at, then }
    },
    cancelInterrupt() {
      interruption = undefined
    },
    async close() {
      const closed = once(server, 'close')
      server.close()
      cut()
      await closed
    },
  }
}
