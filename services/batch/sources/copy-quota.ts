import { CutroomError } from '#shared/errors.ts'

/** What one source copies. `add` throws `source.too_large`; `close` gives back what it took, once. */
export type CopyReservation = { add(bytes: number): void; close(): void }

/** Keeps count of what is copied into each folder, which is a job's own: all of it together has a bound. */
export function createCopyQuota(maxBytes = Number.POSITIVE_INFINITY) {
  const taken = new Map<string, number>()
  return {
    open(dir: string): CopyReservation {
      let own = 0
      const change = (bytes: number) => {
        own += bytes
        const sum = (taken.get(dir) ?? 0) + bytes
        if (sum > 0) taken.set(dir, sum)
        else taken.delete(dir)
        return sum
      }
      return {
        add(bytes) {
          if (change(bytes) <= maxBytes) return
          throw new CutroomError(
            'source.too_large',
            `The sources that had to be copied, since their hosts give no ranges, are together larger than ${maxBytes} bytes.`,
          )
        },
        close: () => void change(-own),
      }
    },
  }
}
