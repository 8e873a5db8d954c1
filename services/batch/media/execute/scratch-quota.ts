import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { CutroomError } from '#shared/errors.ts'
import type { Runner } from '../ffmpeg/run-ffmpeg.ts'

/** A thousand files take some 10 ms to add up. */
const INTERVAL_MS = 1000

/** Bytes of all files below a directory. Files that disappear meanwhile count for nothing. */
export async function bytesBelow(dir: string): Promise<number> {
  const entries = await readdir(dir, { withFileTypes: true, recursive: true }).catch(() => [])
  const files = entries.filter((entry) => entry.isFile())
  const sizes = files.map(({ parentPath, name }) => stat(join(parentPath, name)).catch(() => ({ size: 0 })))
  return (await Promise.all(sizes)).reduce((sum, { size }) => sum + size, 0)
}

export type ScratchQuota = Disposable & {
  /** Aborts with `media.limits` when the directory holds too much. */
  signal: AbortSignal
  /**
   * Checks now.
   * @throws CutroomError `media.limits`
   */
  check(): Promise<void>
}

/**
 * Watches that the files below a directory stay within a quota, all together. A limit on each file is not enough: parts
 * are many, and ffmpeg sets none to the segments that it cuts them from.
 */
export function watchScratchQuota(dir: string, maxBytes: number, intervalMs = INTERVAL_MS): ScratchQuota {
  const exceeded = new AbortController()
  const check = async () => {
    if ((await bytesBelow(dir)) <= maxBytes) return
    throw new CutroomError(
      'media.limits',
      `The work took more than ${maxBytes} bytes of scratch space and was stopped. Ask for fewer or smaller outputs.`,
    )
  }
  // The next check waits for the last, however long a busy disk takes.
  const poll = () => check().then(schedule, (error: unknown) => exceeded.abort(error))
  const schedule = () => {
    if (!disposed) timer = setTimeout(poll, intervalMs)
  }
  let disposed = false
  let timer = setTimeout(poll, intervalMs)
  return {
    signal: exceeded.signal,
    check,
    [Symbol.dispose]() {
      disposed = true
      clearTimeout(timer)
    },
  }
}

/** A runner whose runs count only when they leave the scratch space within its quota. */
export const withinQuota =
  (runner: Runner, quota: ScratchQuota): Runner =>
  async (run, options) => {
    const result = await runner(run, options)
    await quota.check()
    return result
  }
