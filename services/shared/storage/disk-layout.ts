import { createHash, randomUUID } from 'node:crypto'
import { mkdir, open, readFile, rename, rm, rmdir } from 'node:fs/promises'
import { dirname, join, relative } from 'node:path'
import { CutroomError } from '../errors.ts'
import { hasCode } from './disk-errors.ts'
import type { ObjectInfo } from './port.ts'

/**
 * How objects lie on disk. One object is one directory holding `bytes` and `about.json`, made under `partial/`
 * and renamed into place: a rename onto a directory with something in it fails, so one call makes the object
 * appear whole, and only for the first who tries. No key holds an `@`, so the key `a` (objects/a@) never
 * stands in the way of `a/b` (objects/a/b@).
 */
export const OBJECT_SUFFIX = '@'

export const objectsDir = (dir: string) => join(dir, 'objects')
export const partialDir = (dir: string) => join(dir, 'partial')
export const objectDir = (dir: string, key: string) => join(objectsDir(dir), `${key}${OBJECT_SUFFIX}`)
export const bytesFile = (place: string) => join(place, 'bytes')
const aboutFile = (place: string) => join(place, 'about.json')

/** A place of its own for an object in the making. */
export async function openPartial(dir: string): Promise<string> {
  const place = join(partialDir(dir), randomUUID())
  await mkdir(place, { recursive: true })
  return place
}

/** Where the unfinished upload of a key is kept from one chunk to the next. */
export function uploadDir(dir: string, key: string): string {
  return join(partialDir(dir), `upload-${createHash('sha256').update(key).digest('hex')}`)
}

/**
 * Makes the object in `place` appear under its key, safe from a power cut. Its bytes must be written and
 * synced. Throws `storage.exists`; `place` is then left to the caller.
 */
export async function commit(dir: string, place: string, about: ObjectInfo): Promise<void> {
  const file = await open(aboutFile(place), 'w')
  try {
    await file.writeFile(JSON.stringify(about))
    await file.sync()
  } finally {
    await file.close()
  }
  await moveIntoPlace(place, objectDir(dir, about.key), about.key)
  await syncDirectory(dirname(objectDir(dir, about.key)))
}

/** What is known of an object, or undefined when there is none. */
export async function readInfo(dir: string, key: string): Promise<ObjectInfo | undefined> {
  try {
    const about = JSON.parse(await readFile(aboutFile(objectDir(dir, key)), 'utf8'))
    return { ...about, createdAt: new Date(about.createdAt) }
  } catch (thrown) {
    if (hasCode(thrown, 'ENOENT')) return undefined
    throw thrown
  }
}

/** Takes an object away in one step, then its bytes, then the directories left empty. */
export async function removeObject(dir: string, key: string): Promise<void> {
  const place = join(partialDir(dir), randomUUID())
  await mkdir(partialDir(dir), { recursive: true })
  try {
    await rename(objectDir(dir, key), place)
  } catch (thrown) {
    if (hasCode(thrown, 'ENOENT')) return
    throw thrown
  }
  await rm(place, { recursive: true, force: true })
  await removeEmptyParents(objectsDir(dir), dirname(objectDir(dir, key)))
}

async function moveIntoPlace(place: string, target: string, key: string): Promise<void> {
  // A removal nearby may take the empty parent away between the two calls.
  for (let attempt = 1; ; attempt++) {
    await mkdir(dirname(target), { recursive: true })
    try {
      return await rename(place, target)
    } catch (thrown) {
      if (hasCode(thrown, 'ENOTEMPTY', 'EEXIST')) {
        throw new CutroomError('storage.exists', `An object ${key} exists already.`, { cause: thrown })
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

// A rename is on disk only when its directory is.
async function syncDirectory(path: string): Promise<void> {
  const directory = await open(path, 'r')
  try {
    await directory.sync()
  } finally {
    await directory.close()
  }
}
