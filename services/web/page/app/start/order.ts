/** The list with one of its members at another index. */
export function reordered<T>(list: readonly T[], member: T, index: number): T[] {
  const others = list.filter((one) => one !== member)
  others.splice(Math.min(Math.max(index, 0), others.length), 0, member)
  return others
}

/** The index at which something belongs that is dragged to `y`; `middles` are those of all rows, from top to bottom. */
export const indexUnder = (y: number, middles: readonly number[], from: number): number =>
  middles.filter((middle, index) => index !== from && middle < y).length
