import { CutroomError } from '../errors.ts'
import { requireNode } from '../node.ts'
import { type ChunkSource, chunksOfBlob, chunksOfStream } from './chunks.ts'
import { typeOf } from './media-types.ts'

/** What can be uploaded: a file of a browser, bytes, a stream of bytes, or in Node the path of a file. */
export type FileInput = Blob | ArrayBuffer | Uint8Array | AsyncIterable<Uint8Array> | string

export type NamedSource = { source: ChunkSource; filename: string; contentType: string }

/** @throws CutroomError `client.input_invalid` when there is no such file, or it is a folder or empty. */
export async function openSource(file: FileInput): Promise<NamedSource> {
  if (typeof file === 'string') return openPath(file)
  if (file instanceof Blob) {
    const filename = 'name' in file && typeof file.name === 'string' ? file.name : 'upload'
    return ofBlob(file, filename, file.type)
  }
  if (file instanceof ArrayBuffer || file instanceof Uint8Array) {
    return ofBlob(new Blob([file as Uint8Array<ArrayBuffer>]), 'upload', '')
  }
  return ofStream(file, 'upload')
}

const ofStream = (stream: AsyncIterable<Uint8Array>, filename: string): NamedSource => ({
  source: chunksOfStream(stream),
  filename,
  contentType: typeOf(filename),
})

async function openPath(path: string): Promise<NamedSource> {
  const { createReadStream, openAsBlob, statSync } = requireNode('node:fs', 'To upload a file by its path')
  const { basename } = requireNode('node:path', 'To upload a file by its path')
  try {
    const found = statSync(path)
    if (found.isDirectory())
      throw new CutroomError('client.input_invalid', `${path} is a folder.`, {
        advice: 'Upload its files one by one.',
      })
    // A pipe with a name has no size, and can be read once.
    if (!found.isFile()) return ofStream(createReadStream(path), basename(path))
    return ofBlob(await openAsBlob(path), basename(path), '')
  } catch (cause) {
    if (cause instanceof CutroomError) throw cause
    const advice = 'Check the path and that you may read the file.'
    throw new CutroomError('client.input_invalid', `Could not read ${path}.`, { advice, cause })
  }
}

function ofBlob(blob: Blob, filename: string, type: string): NamedSource {
  if (blob.size === 0) throw new CutroomError('client.input_invalid', `${filename} is empty.`)
  const contentType = type.split(';')[0]?.trim() || typeOf(filename)
  return { source: chunksOfBlob(blob), filename: filename.slice(-255), contentType }
}
