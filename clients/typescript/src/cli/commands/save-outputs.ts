import { accessSync, constants, existsSync, statSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { dirname, extname, join, parse } from 'node:path'
import { pipeline } from 'node:stream/promises'
import type { TaskDetails } from '../../api.ts'
import type { Client } from '../../client.ts'
import { CutroomError } from '../../errors.ts'
import { chunksOf } from '../../http/chunks-of.ts'
import type { Context } from '../command.ts'
import { UsageError } from '../exit-codes.ts'

/** Where to save: a file, a folder, `-` for stdout; or undefined for names of their own in the current folder. */
export type Target = string | undefined

/**
 * Saves outputs of a task. Resolves to the paths.
 * @throws UsageError when several outputs do not fit into one file or stdout.
 */
export async function saveOutputs(
  { id, outputs }: Pick<TaskDetails, 'id' | 'outputs'>,
  stem: string,
  target: Target,
  client: Client,
  { signal }: Pick<Context, 'signal'>,
): Promise<string[]> {
  const names = outputs.map(({ name }) => name)
  if (target === '-') {
    const response = await client.tasks.outputs.open(id, onlyName(names, 'stdout'), { signal })
    await pipeline(chunksOf(response, signal), process.stdout, { end: false })
    return []
  }
  const saved: string[] = []
  for (const name of names) {
    const path = pathFor(name, { stem, target, isOnly: names.length === 1 })
    try {
      await mkdir(dirname(path), { recursive: true })
      await client.tasks.outputs.save(id, name, path, { signal })
    } catch (error) {
      throw isOfFiles(error) ? notSaved(path, id, error) : error
    }
    saved.push(path)
  }
  return saved
}

const isOfFiles = (error: unknown): error is NodeJS.ErrnoException =>
  error instanceof Error && 'syscall' in error && !(error instanceof CutroomError)

const notSaved = (path: string, id: string, cause: NodeJS.ErrnoException) =>
  new Error(
    `Could not write ${path}: ${cause.code}. The service keeps the result: cutroom download ${id} -o PATH`,
    {
      cause,
    },
  )

/**
 * What makes it impossible to save there is reported before anything is rendered.
 * @throws UsageError
 */
export function requireTarget(target: Target): void {
  if (target === undefined || target === '-') return
  const isFolder = target.endsWith('/') || (existsSync(target) && statSync(target).isDirectory())
  let folder = isFolder ? target.replace(/(?!^)\/+$/, '') : dirname(target)
  while (!existsSync(folder) && dirname(folder) !== folder) folder = dirname(folder)
  if (!statSync(folder).isDirectory())
    throw new UsageError(`Could not write ${target}: ${folder} is not a folder.`)
  try {
    accessSync(folder, constants.W_OK)
  } catch {
    throw new UsageError(`Could not write ${target}: no permission to write to ${folder}.`)
  }
}

type Naming = { stem: string; target: Target; isOnly: boolean }

/** A target is a folder if it ends with a slash, is a folder already, or has no extension while there are several outputs. */
function pathFor(name: string, { stem, target, isOnly }: Naming): string {
  if (target === undefined) return unusedPath(`${stem}-${name}`)
  const isFolder = target.endsWith('/') || (existsSync(target) && statSync(target).isDirectory())
  if (isFolder) return unusedPath(join(target, isOnly ? `${stem}${extname(name)}` : `${stem}-${name}`))
  if (isOnly) return target
  if (extname(target) === '') return join(target, name)
  throw new UsageError(`The task has several outputs; give a folder instead of -o ${target}.`)
}

/** Paths that were given out: several inputs are saved at the same time, and their files may not exist yet. */
const reserved = new Set<string>()

/** The path, or with a number when it is taken: a name that the user did not choose never replaces a file. */
function unusedPath(path: string): string {
  const { dir, name, ext } = parse(path)
  for (let number = 1; ; number++) {
    const candidate = number === 1 ? path : join(dir, `${name}-${number}${ext}`)
    if (reserved.has(candidate) || existsSync(candidate)) continue
    reserved.add(candidate)
    return candidate
  }
}

function onlyName(names: string[], target: string): string {
  const [first, ...more] = names
  if (first && more.length === 0) return first
  throw new UsageError(
    `The task has ${names.length} outputs, which do not fit into ${target}; give a folder with -o.`,
  )
}
