import { type EventSourceMessage, EventSourceParserStream } from 'eventsource-parser/stream'

/**
 * The server-sent events of a reply. Ends with the stream, also when it breaks; rejects only with the reason of `signal`. Cancels the
 * stream when it is left early.
 */
export async function* readEvents(
  response: Response,
  signal?: AbortSignal,
): AsyncGenerator<EventSourceMessage> {
  const reader = response.body
    ?.pipeThrough(new TextDecoderStream() as TransformStream<Uint8Array<ArrayBuffer>, string>)
    .pipeThrough(new EventSourceParserStream())
    .getReader()
  if (!reader) return
  try {
    for (;;) {
      const { done, value } = await reader.read().catch(() => ({ done: true, value: undefined }))
      signal?.throwIfAborted()
      if (done || !value) return
      yield value
    }
  } finally {
    await reader.cancel().catch(() => undefined)
  }
}
