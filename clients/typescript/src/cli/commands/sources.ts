import { access, constants, stat } from 'node:fs/promises'
import { basename } from 'node:path'
import type { Client } from '../../client.ts'
import { CutroomError } from '../../errors.ts'
import { isRetryable } from '../../http/transport.ts'
import { typeOf } from '../../uploads/media-types.ts'
import type { SendProgress } from '../../uploads/send-file.ts'
import type { Context } from '../command.ts'
import type { SourceRef } from '../edit.ts'
import { UsageError } from '../exit-codes.ts'
import type { Progress } from '../progress-line.ts'
import { isUrl, sourceRef } from './edit-options.ts'

type UploadInput = {
  /** The name that the upload gets. */
  filename?: string | undefined
  /** The line that shows how far the upload is. */
  key?: string
}

/** The input as a source of a task: a URL or an upload's id as it is, a file or `-`, stdin, once it is uploaded. */
export async function toSource(
  input: string,
  client: Client,
  context: Context,
  options: UploadInput,
): Promise<SourceRef> {
  return sourceRef(input) ?? { upload_id: await uploadInput(input, client, context, options) }
}

/** Uploads a file, or `-`, stdin. A file whose upload an earlier command did not finish is continued. Resolves to the upload's id. */
export async function uploadInput(
  input: string,
  client: Client,
  context: Context,
  { filename, key = input }: UploadInput,
): Promise<string> {
  const { terminal, signal } = context
  const label = filename ?? labelOf(input)
  const named = { filename: label, contentType: typeOf(label) }
  const remembered = await context.recallUpload({ path: input, ...named })
  const { resume, remember, forget, isRemembered, release } = remembered
  if (resume) terminal.note(`Continuing the upload of ${label}.`)
  try {
    const { upload_id } = await client.upload(input === '-' ? process.stdin : input, {
      ...named,
      signal,
      resume,
      onCreated: remember,
      onProgress: (sent) => terminal.progress(key, toProgress(label, sent)),
    })
    forget()
    return upload_id
  } catch (error) {
    // What waiting does not help would fail again.
    if (!signal.aborted && !isRetryable(error)) forget()
    else if (isRemembered())
      terminal.note(`The upload of ${label} stopped; the next command with the same file continues it.`)
    throw error
  } finally {
    release()
  }
}

const toProgress = (label: string, { sent, total }: SendProgress): Progress => {
  const status = 'upload'
  if (total === undefined) return { label, status, note: ` ${megabytes(sent)} MB` }
  return { label, status, percent: (sent / Math.max(total, 1)) * 100, note: ` of ${megabytes(total)} MB` }
}

/**
 * What is wrong with an input is reported before another one is uploaded.
 * @throws CutroomError `client.input_invalid` when a file cannot be read.
 */
export async function requireReadable(inputs: string[]): Promise<void> {
  for (const input of inputs.filter((input) => input !== '-' && !sourceRef(input))) {
    const isFolder = await stat(input).then((found) => found.isDirectory(), unreadable(input))
    if (isFolder)
      throw new CutroomError('client.input_invalid', `${input} is a folder.`, { advice: FOLDER_ADVICE })
    await access(input, constants.R_OK).catch(unreadable(input))
  }
}

const FOLDER_ADVICE = 'Name its files, or render all of them with: cutroom run RECIPE.json IN/ OUT/'

const unreadable = (input: string) => (cause: NodeJS.ErrnoException) => {
  const advice = 'Check the path and that you may read the file.'
  throw new CutroomError('client.input_invalid', `Could not read ${input}: ${cause.code}.`, { advice, cause })
}

/** @throws UsageError for URLs that are no sources. */
export function requireSource(input: string): void {
  const scheme = /^([a-z][a-z0-9+.-]*):\/\//i.exec(input)?.[1]
  if (!scheme || (isUrl(input) && URL.canParse(input))) return
  throw new UsageError(
    isUrl(input)
      ? `${input} is not a complete URL.`
      : `A source is a file or an http or https URL, such as a presigned one; ${scheme}:// is not supported.`,
  )
}

export const megabytes = (bytes: number) => (bytes / 1e6).toFixed(1)

/** A short name of an input, for people. Signed URLs have secrets in their query. */
export function labelOf(input: string): string {
  if (input === '-') return 'stdin'
  return basename(isUrl(input) ? new URL(input).pathname : input) || 'source'
}
