import { EventSourceParserStream } from 'eventsource-parser/stream'

/** The JSON of each event of a type in a stream of server-sent events. Ends with the stream, and cancels it when left early. */
export async function* eventsOf<Data>(response: Response, type: string): AsyncGenerator<Data> {
  const reader = response.body
    ?.pipeThrough(new TextDecoderStream() as TransformStream<Uint8Array<ArrayBuffer>, string>)
    .pipeThrough(new EventSourceParserStream())
    .getReader()
  if (!reader) return
  try {
    for (;;) {
      const { done, value } = await reader.read()
      if (done) return
      if (value.event === type) yield JSON.parse(value.data)
    }
  } finally {
    await reader.cancel().catch(() => undefined)
  }
}
