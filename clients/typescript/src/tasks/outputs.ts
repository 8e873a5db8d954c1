import type { Caller, CallOptions } from '../call.ts'
import { getOutput, linkOutput } from '../generated/routes.ts'
import { chunksOf } from '../http/chunks-of.ts'
import { requireNode } from '../node.ts'

export type Outputs = {
  /** A reply whose body is the file. The body is not read again when the connection breaks. */
  open(taskId: string, name: string, options?: CallOptions): Promise<Response>
  /** The file in memory. */
  bytes(taskId: string, name: string, options?: CallOptions): Promise<Uint8Array>
  /** Writes the file to a path, in Node, again from its beginning when the connection breaks. A partial file is removed when it fails. */
  save(taskId: string, name: string, path: string, options?: SaveOptions): Promise<void>
  /** A link that needs no token until it expires, in seconds from now. */
  link(taskId: string, name: string, expiresIn?: number, options?: CallOptions): Promise<string>
}

export type SaveOptions = CallOptions & { onProgress?: (bytes: number) => void }

export function createOutputs({ call, open, read }: Caller): Outputs {
  return {
    open: (id, name, options) => open(getOutput, { path: { id, name } }, options),
    bytes: (id, name, options) =>
      read(getOutput, { path: { id, name } }, (response) => bytesOf(response, options?.signal), options),
    async save(taskId, name, path, { onProgress, ...options } = {}) {
      const { createWriteStream, renameSync, rmSync } = requireNode('node:fs', 'To save an output')
      const { pipeline } = requireNode('node:stream/promises', 'To save an output')
      const partial = `${path}.part`
      const write = (response: Response) =>
        pipeline(counted(chunksOf(response, options.signal), onProgress), createWriteStream(partial))
      try {
        await read(getOutput, { path: { id: taskId, name } }, write, options)
        renameSync(partial, path)
      } catch (error) {
        rmSync(partial, { force: true })
        throw error
      }
    },
    async link(taskId, name, expiresIn = 3600, options) {
      const path = { id: taskId, name }
      return (await call(linkOutput, { path, body: { expires_in: expiresIn } }, options)).url
    },
  }
}

async function bytesOf(response: Response, signal?: AbortSignal): Promise<Uint8Array> {
  const chunks: Uint8Array<ArrayBuffer>[] = []
  for await (const chunk of chunksOf(response, signal)) chunks.push(chunk as Uint8Array<ArrayBuffer>)
  return new Uint8Array(await new Blob(chunks).arrayBuffer())
}

async function* counted(
  chunks: AsyncIterable<Uint8Array>,
  onProgress?: (bytes: number) => void,
): AsyncGenerator<Uint8Array> {
  let bytes = 0
  for await (const chunk of chunks) {
    bytes += chunk.byteLength
    onProgress?.(bytes)
    yield chunk
  }
}
