import { basename } from 'node:path'
import type { Client } from '../../client.ts'
import { typeOf } from '../../uploads/media-types.ts'
import type { Context } from '../command.ts'
import type { SourceRef } from '../edit.ts'
import { bar } from '../terminal.ts'
import { urlSource } from './edit-options.ts'

/** The input as a source of a task: a URL as it is, a file or `-`, stdin, once it is uploaded with its name or that of `filename`. */
export async function toSource(
  input: string,
  client: Client,
  { terminal, signal }: Context,
  filename = input === '-' ? 'stdin' : undefined,
): Promise<SourceRef> {
  const source = urlSource(input)
  if (source) return source
  const name = filename ?? labelOf(input)
  const { upload_id } = await client.upload(input === '-' ? process.stdin : input, {
    signal,
    ...(filename && { filename, contentType: typeOf(filename) }),
    onProgress: ({ sent, total }) => terminal.progress(input, `${name}  upload ${sizeOf(sent, total)}`),
  })
  return { upload_id }
}

const sizeOf = (sent: number, total: number | undefined) =>
  total === undefined
    ? `${megabytes(sent)} MB`
    : `${bar((sent / Math.max(total, 1)) * 100)} of ${megabytes(total)} MB`

export const megabytes = (bytes: number) => (bytes / 1e6).toFixed(1)

/** A short name of an input, for people. Signed URLs have secrets in their query. */
export function labelOf(input: string): string {
  if (input === '-') return 'stdin'
  const source = urlSource(input)
  return basename(source ? new URL(input).pathname : input) || 'source'
}
