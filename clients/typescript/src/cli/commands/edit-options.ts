import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { type Context, type Options, text, texts } from '../command.ts'
import type { EditOptions, SourceRef } from '../edit.ts'
import { UsageError } from '../exit-codes.ts'
import { readStdin } from '../prompt.ts'

/** The options of commands that say what to render. */
export const EDIT_OPTIONS: Options = {
  preset: { type: 'string', short: 'p' },
  recipe: { type: 'string', short: 'r' },
  trim: { type: 'string', multiple: true },
  to: { type: 'string' },
  width: { type: 'string' },
  height: { type: 'string' },
  aspect: { type: 'string' },
  fit: { type: 'string' },
  quality: { type: 'string' },
  audio: { type: 'string' },
}

/** The values of options that have a few. */
export const EDIT_CHOICES = {
  preset: ['reel', 'parts', 'mp3', 'convert'],
  to: ['mp4', 'webm', 'mov', 'mkv', 'gif', 'mp3', 'm4a', 'ogg', 'wav'],
  fit: ['pad', 'crop', 'stretch'],
  quality: ['draft', 'standard', 'high'],
  audio: ['keep', 'mute', 'normalize'],
}

export const EDIT_HELP: Record<string, string> = {
  preset: `NAME: ${EDIT_CHOICES.preset.join(', ')}`,
  recipe: 'FILE: a recipe as JSON; - reads it from stdin',
  trim: 'START-END, such as 1:02-1:20; several keep several ranges',
  to: `FORMAT: ${EDIT_CHOICES.to.join(', ')}`,
  width: 'PIXELS of the video',
  height: 'PIXELS of the video',
  aspect: 'RATIO of the video, such as 9:16',
  fit: EDIT_CHOICES.fit.join(', '),
  quality: EDIT_CHOICES.quality.join(', '),
  audio: EDIT_CHOICES.audio.join(', '),
}

export async function editOptions(context: Context): Promise<EditOptions> {
  const path = text(context, 'recipe')
  return {
    preset: text(context, 'preset'),
    recipe: path === undefined ? undefined : await readJson(path),
    trim: texts(context, 'trim'),
    to: text(context, 'to'),
    width: text(context, 'width'),
    height: text(context, 'height'),
    aspect: text(context, 'aspect'),
    fit: text(context, 'fit'),
    quality: text(context, 'quality'),
    audio: text(context, 'audio'),
  }
}

/** @throws UsageError when the file cannot be read, or is not JSON. */
export async function readJson(path: string): Promise<unknown> {
  const reading = path === '-' ? readStdin() : readFile(path, 'utf8')
  const content = await reading.catch((error) => {
    throw new UsageError(`Could not read ${path}: ${error.code ?? error.message}.`)
  })
  try {
    return JSON.parse(content)
  } catch (error) {
    throw new UsageError(`${path} is not JSON: ${error instanceof Error ? error.message : error}`)
  }
}

export const isUrl = (input: string) => /^https?:\/\//i.test(input)

const UPLOAD_ID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i

/** A URL, or the id of an upload, as a source of a task; undefined for a file, which has to be uploaded. */
export function sourceRef(input: string): SourceRef | undefined {
  if (isUrl(input)) return { url: input }
  return UPLOAD_ID.test(input) && !existsSync(input) ? { upload_id: input } : undefined
}
