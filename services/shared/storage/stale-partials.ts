import { readdir, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { hasCode, withDiskErrors } from './disk-errors.ts'
import { bytesFile, partialDir } from './disk-layout.ts'

/**
 * Removes what was begun in a disk store and last written to before a time: uploads whose client gave up,
 * and objects whose writer died. Returns how many.
 */
export async function removeStalePartials(dir: string, olderThan: Date): Promise<number> {
  return await withDiskErrors('remove abandoned uploads', async () => {
    let removed = 0
    for (const name of await orElse(readdir(partialDir(dir)), [])) {
      const place = join(partialDir(dir), name)
      if ((await lastWrite(place)) >= olderThan.getTime()) continue
      await rm(place, { recursive: true, force: true })
      removed++
    }
    return removed
  })
}

/** When bytes last came in, in ms; Infinity for a place that is gone by now. */
async function lastWrite(place: string): Promise<number> {
  const made = await orElse(stat(place), undefined)
  const written = await orElse(stat(bytesFile(place)), undefined)
  return Math.max(made?.mtimeMs ?? Number.POSITIVE_INFINITY, written?.mtimeMs ?? 0)
}

async function orElse<T, U>(asked: Promise<T>, fallback: U): Promise<T | U> {
  return await asked.catch((thrown) => {
    if (hasCode(thrown, 'ENOENT')) return fallback
    throw thrown
  })
}
