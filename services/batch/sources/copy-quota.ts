import { CutroomError } from '#shared/errors.ts'

/** The bytes that one source has copied. */
export type CopyReservation = {
  /** @throws CutroomError `source.too_large` when all copies in the directory together exceed the quota. */
  add(bytes: number): void
  /** Gives the bytes back. A second call does nothing. */
  release(): void
}

/** Limits the bytes that are copied into each directory, which belongs to one job, over all of its sources. */
export function createCopyQuota(maxBytes = Number.POSITIVE_INFINITY) {
  const usedBytes = new Map<string, number>()
  return {
    open(dir: string): CopyReservation {
      let ownBytes = 0
      const change = (bytes: number) => {
        ownBytes += bytes
        const sum = (usedBytes.get(dir) ?? 0) + bytes
        if (sum > 0) usedBytes.set(dir, sum)
        else usedBytes.delete(dir)
        return sum
      }
      return {
        add(bytes) {
          if (change(bytes) > maxBytes) throw quotaExceeded(maxBytes)
        },
        release: () => void change(-ownBytes),
      }
    },
  }
}

const quotaExceeded = (maxBytes: number) =>
  new CutroomError(
    'source.too_large',
    `The sources whose hosts do not support range requests have to be copied, and together exceed ${maxBytes} bytes. ` +
      'Use smaller files, or hosts that support range requests.',
  )
