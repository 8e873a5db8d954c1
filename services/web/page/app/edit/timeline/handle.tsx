export type Edge = 'first' | 'end'

type Props = {
  label: string
  edge: Edge
  /** From 0 at the left edge of the timeline to 1 at the right one; outside of that when it is not shown. */
  ratio: number
  frame: number
  total: number
  text: string
  second: number
  onMove: (frame: number) => void
  onPointerDown: (event: PointerEvent) => void
  onFocus: () => void
}

/** A slider: arrows move it by a frame, with Shift or Page keys by a second. */
export function Handle(props: Props) {
  const { label, edge, ratio, frame, total, text, second, onMove, onPointerDown, onFocus } = props
  const onKeyDown = (event: KeyboardEvent) => {
    const step = event.shiftKey ? second : 1
    const to: Record<string, number> = {
      ArrowLeft: frame - step,
      ArrowDown: frame - step,
      ArrowRight: frame + step,
      ArrowUp: frame + step,
      PageDown: frame - second,
      PageUp: frame + second,
      Home: 0,
      End: total,
    }
    const target = to[event.key]
    if (target === undefined) return
    event.preventDefault()
    event.stopPropagation()
    onMove(target)
  }
  const isShown = ratio >= 0 && ratio <= 1
  return (
    <div
      class={`handle ${edge} ${isShown ? '' : 'beyond'}`}
      style={{ left: `${Math.min(Math.max(ratio, 0), 1) * 100}%` }}
      role="slider"
      tabIndex={0}
      aria-label={label}
      aria-valuemin={0}
      aria-valuemax={total}
      aria-valuenow={frame}
      aria-valuetext={text}
      onKeyDown={onKeyDown}
      onPointerDown={onPointerDown}
      onFocus={onFocus}
    />
  )
}
