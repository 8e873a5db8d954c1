/** Rows rendered before and after those in sight, so that scrolling and the Tab key find them. */
const OVERSCAN = 8

export type Rows = { first: number; end: number }

/**
 * The rows to render, of `count` rows of one height whose list begins `top` pixels below the viewport's upper edge (negative once
 * it is scrolled out). The number of rows does not depend on `count`.
 */
export function visibleRows(list: { top: number; rowHeight: number; count: number }, viewport: number): Rows {
  const { top, rowHeight, count } = list
  const first = Math.floor(-top / rowHeight) - OVERSCAN
  const end = Math.ceil((viewport - top) / rowHeight) + OVERSCAN
  return { first: clamp(first, count), end: clamp(end, count) }
}

const clamp = (index: number, count: number) => Math.min(Math.max(index, 0), count)

/** The rows of the range, and one more wherever it is: the one that has the focus must not disappear. */
export function indicesOf({ first, end }: Rows, focused: number | undefined): number[] {
  const rows = Array.from({ length: end - first }, (_, i) => first + i)
  if (focused === undefined || focused < 0 || (focused >= first && focused < end)) return rows
  return focused < first ? [focused, ...rows] : [...rows, focused]
}
