import { statfs } from 'node:fs/promises'
import { CutroomError } from '#shared/errors.ts'

/**
 * Makes sure that a directory's file system has at least `bytes` free.
 * @throws CutroomError `media.no_free_space`
 */
export async function requireFreeSpace(dir: string, bytes: number): Promise<void> {
  const { bavail, bsize } = await statfs(dir)
  const free = bavail * bsize
  if (free >= bytes) return
  throw new CutroomError(
    'media.no_free_space',
    `The scratch space has ${megabytes(free)} MB left, and the outputs need about ${megabytes(bytes)} MB.`,
  )
}

const megabytes = (bytes: number) => Math.ceil(bytes / 1_000_000)
