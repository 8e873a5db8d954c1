/** Follows the pointer that was pressed until it is let go, also outside of the element. */
export function followPointer(event: PointerEvent, onMove: (event: PointerEvent) => void): void {
  if (event.button !== 0) return
  const target = event.currentTarget as HTMLElement
  target.setPointerCapture(event.pointerId)
  const stop = new AbortController()
  const { signal } = stop
  target.addEventListener('pointermove', onMove, { signal })
  for (const end of ['pointerup', 'pointercancel'] as const) {
    target.addEventListener(end, () => stop.abort(), { signal })
  }
}

/** Where the pointer is, from 0 at the left edge of a box to 1 at its right one. */
export function ratioUnder({ clientX }: MouseEvent, element: Element | null): number {
  const box = element?.getBoundingClientRect()
  return box && box.width > 0 ? (clientX - box.left) / box.width : 0
}
