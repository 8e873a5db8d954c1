import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { CutroomError } from '#shared/errors.ts'

/** Looking at a thousand files takes some 10 ms. */
const EVERY_MS = 1000

/** Bytes of all files below a folder. What goes meanwhile counts for nothing. */
export async function bytesBelow(dir: string): Promise<number> {
  const found = await readdir(dir, { withFileTypes: true, recursive: true }).catch(() => [])
  const files = found.filter((entry) => entry.isFile())
  const sizes = files.map(({ parentPath, name }) => stat(join(parentPath, name)).catch(() => ({ size: 0 })))
  return (await Promise.all(sizes)).reduce((sum, { size }) => sum + size, 0)
}

export type ScratchQuota = Disposable & {
  /** Aborts with `media.limits` when the folder holds too much. */
  signal: AbortSignal
  /** Looks now. Throws `media.limits`. */
  demand(): Promise<void>
}

/**
 * Watches that the files below a folder, all together, stay within a bound. A bound on each file does not do: parts
 * are many, and ffmpeg sets none to the pieces that it writes of them.
 */
export function watchScratchQuota(dir: string, maxBytes: number, everyMs = EVERY_MS): ScratchQuota {
  const tooMuch = new AbortController()
  const demand = async () => {
    if ((await bytesBelow(dir)) <= maxBytes) return
    throw new CutroomError(
      'media.limits',
      `The work took more than ${maxBytes} bytes of scratch space and was ended: ask for fewer or smaller outputs.`,
    )
  }
  // The next look waits for the last, however long a busy disk takes.
  const look = () => demand().then(again, (error: unknown) => tooMuch.abort(error))
  const again = () => {
    if (!over) timer = setTimeout(look, everyMs)
  }
  let over = false
  let timer = setTimeout(look, everyMs)
  return {
    signal: tooMuch.signal,
    demand,
    [Symbol.dispose]() {
      over = true
      clearTimeout(timer)
    },
  }
}
