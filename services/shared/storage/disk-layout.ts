import { createHash, randomUUID } from 'node:crypto'
import { mkdir, open, readFile, rename, rm, rmdir } from 'node:fs/promises'
import { dirname, join, relative } from 'node:path'
import { CutroomError } from '../errors.ts'
import { hasCode } from './disk-errors.ts'
import type { ObjectInfo } from './port.ts'

/**
 * How objects are stored on disk. An object is a directory that contains `bytes` and `info.json`; it is built under
 * `partial/` and then renamed. A rename onto a directory that is not empty fails, so one call makes the whole object
 * visible, and only the first caller succeeds. Keys never contain `@`, so the key `a` (objects/a@) never collides
 * with `a/b` (objects/a/b@).
 */
export const OBJECT_SUFFIX = '@'

export const objectsDir = (dir: string) => join(dir, 'objects')
export const partialDir = (dir: string) => join(dir, 'partial')
export const objectDir = (dir: string, key: string) => join(objectsDir(dir), `${key}${OBJECT_SUFFIX}`)
/** The file with an object's bytes, in its directory or its partial directory. */
export const bytesFile = (path: string) => join(path, 'bytes')
const infoFile = (path: string) => join(path, 'info.json')

/** Mode of the directories of the store: its files are those of all users. */
export const OWNER_ONLY = 0o700

/** Creates a new directory to build an object in. */
export async function openPartial(dir: string): Promise<string> {
  const partial = join(partialDir(dir), randomUUID())
  await mkdir(partial, { recursive: true, mode: OWNER_ONLY })
  return partial
}

/** The directory that keeps the incomplete upload of a key from one chunk to the next. */
export function uploadDir(dir: string, key: string): string {
  return join(partialDir(dir), `upload-${createHash('sha256').update(key).digest('hex')}`)
}

/**
 * Makes the object built in `partial` visible under its key, durably. Its bytes must be written and synced.
 *
 * @throws CutroomError `storage.exists` when the key is taken; the caller then removes `partial`.
 */
export async function commit(dir: string, partial: string, info: ObjectInfo): Promise<void> {
  const file = await open(infoFile(partial), 'w')
  try {
    await file.writeFile(JSON.stringify(info))
    await file.sync()
  } finally {
    await file.close()
  }
  await moveToTarget(partial, objectDir(dir, info.key), info.key)
  await syncDirectory(dirname(objectDir(dir, info.key)))
}

/** An object's metadata, or undefined when there is no such object. */
export async function readInfo(dir: string, key: string): Promise<ObjectInfo | undefined> {
  try {
    const info = JSON.parse(await readFile(infoFile(objectDir(dir, key)), 'utf8'))
    return { ...info, createdAt: new Date(info.createdAt) }
  } catch (thrown) {
    if (hasCode(thrown, 'ENOENT')) return undefined
    throw thrown
  }
}

/** Removes an object in one step, then deletes its bytes and the directories that are now empty. */
export async function removeObject(dir: string, key: string): Promise<void> {
  const trash = join(partialDir(dir), randomUUID())
  await mkdir(partialDir(dir), { recursive: true })
  try {
    await rename(objectDir(dir, key), trash)
  } catch (thrown) {
    if (hasCode(thrown, 'ENOENT')) return
    throw thrown
  }
  await rm(trash, { recursive: true, force: true })
  await removeEmptyParents(objectsDir(dir), dirname(objectDir(dir, key)))
}

async function moveToTarget(partial: string, target: string, key: string): Promise<void> {
  // A concurrent removal may delete the empty parent between the two calls.
  for (let attempt = 1; ; attempt++) {
    await mkdir(dirname(target), { recursive: true })
    try {
      return await rename(partial, target)
    } catch (thrown) {
      if (hasCode(thrown, 'ENOTEMPTY', 'EEXIST')) {
        throw new CutroomError('storage.exists', `An object ${key} already exists.`, { cause: thrown })
      }
      if (!hasCode(thrown, 'ENOENT') || attempt === 10) throw thrown
    }
  }
}

async function removeEmptyParents(top: string, from: string): Promise<void> {
  for (let parent = from; relative(top, parent) !== ''; parent = dirname(parent)) {
    try {
      await rmdir(parent)
    } catch (thrown) {
      if (hasCode(thrown, 'ENOTEMPTY', 'EEXIST', 'ENOENT')) return
      throw thrown
    }
  }
}

// A rename is durable only once its directory is synced.
async function syncDirectory(path: string): Promise<void> {
  const directory = await open(path, 'r')
  try {
    await directory.sync()
  } finally {
    await directory.close()
  }
}
