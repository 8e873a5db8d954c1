import type { Caller, CallOptions } from '../call.ts'
import { requireNode } from '../node.ts'

export type Outputs = {
  /** A reply whose body is the file. The body is not read again when the connection breaks. */
  open(taskId: string, name: string, options?: CallOptions): Promise<Response>
  /** The file in memory. */
  bytes(taskId: string, name: string, options?: CallOptions): Promise<Uint8Array>
  /** Writes the file to a path, in Node. A partial file is removed when it fails. */
  save(taskId: string, name: string, path: string, options?: SaveOptions): Promise<void>
  /** A link that needs no token until it expires, in seconds from now. */
  link(taskId: string, name: string, expiresIn?: number, options?: CallOptions): Promise<string>
}

export type SaveOptions = CallOptions & { onProgress?: (bytes: number) => void }

export function createOutputs({ call, open }: Caller): Outputs {
  const openOutput = (id: string, name: string, options?: CallOptions) =>
    open('getOutput', { path: { id, name } }, options)

  return {
    open: openOutput,
    async bytes(taskId, name, options) {
      return new Uint8Array(await (await openOutput(taskId, name, options)).arrayBuffer())
    },
    async save(taskId, name, path, { onProgress, ...options } = {}) {
      const { createWriteStream, renameSync, rmSync } = requireNode('node:fs', 'To save an output')
      const { pipeline } = requireNode('node:stream/promises', 'To save an output')
      const response = await openOutput(taskId, name, options)
      const partial = `${path}.part`
      try {
        await pipeline(counted(response, onProgress), createWriteStream(partial))
        renameSync(partial, path)
      } catch (error) {
        rmSync(partial, { force: true })
        throw error
      }
    },
    async link(taskId, name, expiresIn = 3600, options) {
      const path = { id: taskId, name }
      return (await call('linkOutput', { path, body: { expires_in: expiresIn } }, options)).url
    },
  }
}

async function* counted(
  { body }: Response,
  onProgress?: (bytes: number) => void,
): AsyncGenerator<Uint8Array> {
  let bytes = 0
  for await (const chunk of body as unknown as AsyncIterable<Uint8Array>) {
    bytes += chunk.byteLength
    onProgress?.(bytes)
    yield chunk
  }
}
