import { createReadStream } from 'node:fs'
import type { MediaInput } from './media-input.ts'

const LOCAL = 'file:'

/**
 * The bytes of a file, in order. Throws the input's own `readError` when they did not arrive, and the signal's reason when
 * aborted.
 */
export async function* readBytes(input: MediaInput, signal: AbortSignal): AsyncGenerator<Uint8Array> {
  try {
    yield* await open(input, signal)
  } catch (error) {
    signal.throwIfAborted()
    throw input.readError?.() ?? error
  }
}

/** What is not a local file is served by this process. */
async function open({ url }: MediaInput, signal: AbortSignal): Promise<AsyncIterable<Uint8Array>> {
  if (url.startsWith(LOCAL)) return createReadStream(url.slice(LOCAL.length), { signal })
  const { body } = await fetch(url, { signal })
  if (!body) throw new Error('The reader of a source answered without a body.')
  return body
}
