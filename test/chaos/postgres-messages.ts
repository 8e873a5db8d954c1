/**
 * A message of the Postgres wire protocol: one byte of type, four bytes of length that include themselves, a body.
 * https://www.postgresql.org/docs/current/protocol-message-formats.html
 */
export type ServerMessage = { type: string; bytes: Buffer }

/** Splits a byte stream into messages: takes chunks as they arrive, returns the messages that are complete by then. */
export function createMessageReader(): (chunk: Buffer) => ServerMessage[] {
  let held: Buffer = Buffer.alloc(0)
  return (chunk) => {
    held = held.length === 0 ? chunk : Buffer.concat([held, chunk])
    const messages: ServerMessage[] = []
    let at = 0
    while (held.length - at >= 5) {
      const end = at + 1 + held.readInt32BE(at + 1)
      if (end > held.length) break
      messages.push({ type: String.fromCharCode(held[at] ?? 0), bytes: held.subarray(at, end) })
      at = end
    }
    held = held.subarray(at)
    return messages
  }
}

/** NotificationResponse: what a LISTENing client receives. */
export const isNotification = ({ type }: ServerMessage): boolean => type === 'A'

/** CommandComplete of a COMMIT: the transaction is durable whether or not the client receives this. */
export const isCommit = ({ type, bytes }: ServerMessage): boolean =>
  type === 'C' && bytes.subarray(5, 11).toString('latin1') === 'COMMIT'

/** ReadyForQuery outside a transaction: what the client sent before is durable. */
export const isIdle = ({ type, bytes }: ServerMessage): boolean =>
  type === 'Z' && String.fromCharCode(bytes[5] ?? 0) === 'I'
