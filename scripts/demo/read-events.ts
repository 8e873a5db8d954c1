export type ServerEvent = { event: string; data: string }

/** The events of a text/event-stream reply, as they come in; ends when the stream does. */
export async function* readEvents(reply: {
  body: AsyncIterable<Uint8Array> | null
}): AsyncGenerator<ServerEvent> {
  const decoder = new TextDecoder()
  let text = ''
  for await (const chunk of reply.body ?? []) {
    text += decoder.decode(chunk, { stream: true })
    // An empty line ends an event; what follows the last one is still on its way.
    const blocks = text.split('\n\n')
    text = blocks.pop() ?? ''
    for (const block of blocks) {
      const data = fieldsOf(block, 'data')
      if (data.length > 0) yield { event: fieldsOf(block, 'event')[0] ?? 'message', data: data.join('\n') }
    }
  }
}

const fieldsOf = (block: string, name: string): string[] =>
  block
    .split('\n')
    .flatMap((line) => (line.startsWith(`${name}:`) ? [line.slice(name.length + 1).trimStart()] : []))
