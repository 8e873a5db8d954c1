import type { Signal } from '@preact/signals'
import { useRef } from 'preact/hooks'
import { t } from '../../i18n/index.ts'
import { followPointer, ratioUnder } from './drag.ts'
import { moved, type View } from './view.ts'

type Props = { view: Signal<View>; total: number; selection: { first: number; end: number } }

/** The whole source below a timeline that shows a stretch of it: a scroll bar with the selection on it. */
export function Overview({ view, total, selection }: Props) {
  const track = useRef<HTMLDivElement>(null)
  const { start, end } = view.value
  const percent = (frames: number) => `${(frames / total) * 100}%`

  /** The bar stays under the pointer; beside it, its middle comes to the pointer at once. */
  function drag(event: PointerEvent) {
    const at = ratioUnder(event, track.current) * total
    if (at < start || at > end) view.value = moved(view.value, at - (start + end) / 2, total)
    const offset = at - view.value.start
    followPointer(event, (move) => {
      view.value = moved(
        view.value,
        ratioUnder(move, track.current) * total - offset - view.value.start,
        total,
      )
    })
  }

  function onKeyDown(event: KeyboardEvent) {
    const length = end - start
    const by: Record<string, number> = {
      ArrowLeft: -length / 4,
      ArrowRight: length / 4,
      PageUp: -length,
      PageDown: length,
      Home: -total,
      End: total,
    }
    const frames = by[event.key]
    if (frames === undefined) return
    event.preventDefault()
    event.stopPropagation()
    view.value = moved(view.value, frames, total)
  }

  return (
    <div
      ref={track}
      class="overview"
      role="scrollbar"
      tabIndex={0}
      aria-label={t('edit.overview')}
      aria-controls="timeline"
      aria-orientation="horizontal"
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={Math.round((start / Math.max(1, total - (end - start))) * 100)}
      onPointerDown={drag}
      onKeyDown={onKeyDown}
    >
      <div
        class="overview-kept"
        style={{ left: percent(selection.first), width: percent(selection.end - selection.first) }}
      />
      <div class="overview-view" style={{ left: percent(start), width: percent(end - start) }} />
    </div>
  )
}
