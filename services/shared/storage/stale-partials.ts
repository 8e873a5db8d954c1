import { readdir, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { hasCode, withDiskErrors } from './disk-errors.ts'
import { bytesFile, partialDir } from './disk-layout.ts'

/**
 * Removes uploads and objects that are incomplete and were last written to before the given time, because their client
 * gave up or their writer died. Returns how many.
 */
export async function removeStalePartials(dir: string, olderThan: Date): Promise<number> {
  return await withDiskErrors('remove abandoned uploads', async () => {
    let removed = 0
    for (const name of await ifExists(readdir(partialDir(dir)), [])) {
      const partial = join(partialDir(dir), name)
      if ((await lastWriteMs(partial)) >= olderThan.getTime()) continue
      await rm(partial, { recursive: true, force: true })
      removed++
    }
    return removed
  })
}

/** Time of the last write in ms since the epoch; Infinity when the directory is gone. */
async function lastWriteMs(partial: string): Promise<number> {
  const directory = await ifExists(stat(partial), undefined)
  const bytes = await ifExists(stat(bytesFile(partial)), undefined)
  return Math.max(directory?.mtimeMs ?? Number.POSITIVE_INFINITY, bytes?.mtimeMs ?? 0)
}

async function ifExists<T, U>(result: Promise<T>, fallback: U): Promise<T | U> {
  return await result.catch((thrown) => {
    if (hasCode(thrown, 'ENOENT')) return fallback
    throw thrown
  })
}
