/** https://html.spec.whatwg.org/multipage/server-sent-events.html#event-stream-interpretation */

export type ServerEvent = { event: string; data: string; id: string | undefined }

/** Reads server-sent events from text that arrives in parts; the result is called with each part. Comments and `retry` are ignored. */
export function sseParser(onEvent: (event: ServerEvent) => void): (part: string) => void {
  let rest = ''
  let fields: Record<string, string> = {}
  return (part) => {
    const lines = (rest + part).split(/\r\n|\n|\r(?!$)/)
    rest = lines.pop() ?? ''
    for (const line of lines) {
      if (line === '') {
        const { event = 'message', data, id } = fields
        if (data !== undefined) onEvent({ event, data, id })
        fields = {}
        continue
      }
      const [, name = '', value = ''] = /^([^:]*):? ?(.*)$/.exec(line) ?? []
      fields[name] = name === 'data' && fields.data !== undefined ? `${fields.data}\n${value}` : value
    }
  }
}

/**
 * The server-sent events of a reply. Ends with the stream, also when it breaks; rejects only with the reason of `signal`. Cancels the
 * stream when it is left early.
 */
export async function* readEvents({ body }: Response, signal?: AbortSignal): AsyncGenerator<ServerEvent> {
  const reader = body
    ?.pipeThrough(new TextDecoderStream() as TransformStream<Uint8Array<ArrayBuffer>, string>)
    .getReader()
  if (!reader) return
  let events: ServerEvent[] = []
  const feed = sseParser((event) => events.push(event))
  try {
    for (;;) {
      const { done, value } = await reader.read().catch(() => ({ done: true, value: undefined }))
      signal?.throwIfAborted()
      if (done || value === undefined) return
      feed(value)
      yield* events
      events = []
    }
  } finally {
    await reader.cancel().catch(() => undefined)
  }
}
