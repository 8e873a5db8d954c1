import { cutroomError } from '../errors.ts'

/** The body of a reply, chunk by chunk. Rejects with `client.connection_failed` when the connection breaks. */
export async function* chunksOf(response: Response, signal?: AbortSignal): AsyncGenerator<Uint8Array> {
  const reader = response.body?.getReader()
  try {
    for (;;) {
      const chunk = await reader?.read().catch((cause) => {
        signal?.throwIfAborted()
        const address = response.url ? new URL(response.url).host : 'the service'
        const detail = `The connection to ${address} broke while a reply arrived.`
        throw cutroomError('client.connection_failed', detail, { cause })
      })
      if (!chunk || chunk.done) return
      yield chunk.value
    }
  } finally {
    await reader?.cancel().catch(() => undefined)
  }
}
