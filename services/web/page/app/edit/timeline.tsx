import { useRef } from 'preact/hooks'
import { t } from '../i18n/index.ts'
import { type Item, select, selected } from '../start/item.ts'
import { clamp, startOf, withEnd, withFirst } from './frames.ts'
import type { Player } from './player.ts'
import { Thumbnails } from './thumbnails.tsx'
import { formatTime } from './time.ts'

type Edge = 'first' | 'end'

/** The whole source as a strip of thumbnails, with the selection, its two handles, and the playhead. */
export function Timeline({ item, player }: { item: Item; player: Player }) {
  const strip = useRef<HTMLDivElement>(null)
  const total = item.total.value
  const selection = selected(item)
  if (total === undefined || !selection) return <div class="timeline loading" aria-hidden="true" />
  const percent = (frame: number) => `${(frame / total) * 100}%`

  function frameUnder({ clientX }: PointerEvent): number {
    const box = strip.current?.getBoundingClientRect()
    if (!box || total === undefined) return 0
    return clamp(Math.round(((clientX - box.left) / box.width) * total), 0, total)
  }

  /** Follows the pointer until it is let go; the handle keeps it also outside of the strip. */
  function drag(event: PointerEvent, onFrame: (frame: number) => void) {
    if (event.button !== 0) return
    const target = event.currentTarget as HTMLElement
    target.setPointerCapture(event.pointerId)
    const stop = new AbortController()
    const { signal } = stop
    target.addEventListener('pointermove', (move) => onFrame(frameUnder(move)), { signal })
    for (const end of ['pointerup', 'pointercancel'] as const)
      target.addEventListener(end, () => stop.abort(), { signal })
    onFrame(frameUnder(event))
  }

  function dragEdge(event: PointerEvent, edge: Edge) {
    event.stopPropagation()
    const before = selected(item)
    if (!before || total === undefined) return
    // One drag is one step to undo, however many moves it has.
    select(item, { ...before })
    drag(event, (frame) => moveTo(edge, frame, false))
  }

  /** Moves an edge and shows the frame at it: the first one, or the last one. */
  function moveTo(edge: Edge, frame: number, undoable = true) {
    const before = selected(item)
    if (!before || total === undefined) return
    const after = edge === 'first' ? withFirst(before, frame) : withEnd(before, frame, total)
    if (undoable) select(item, after)
    else item.selection.value = after
    player.seek(edge === 'first' ? after.first : after.end - 1)
  }

  const handle = (edge: Edge) => (
    <Handle
      key={edge}
      label={t(edge === 'first' ? 'edit.handleIn' : 'edit.handleOut')}
      edge={edge}
      left={percent(selection[edge])}
      frame={selection[edge]}
      total={total}
      text={formatTime(startOf(selection[edge], item.fps.value))}
      second={Math.round(item.fps.value)}
      onMove={(frame) => moveTo(edge, frame)}
      onPointerDown={(event) => dragEdge(event, edge)}
    />
  )
  return (
    <div class="timeline">
      <div
        class="strip"
        ref={strip}
        onPointerDown={(event) => drag(event, (frame) => player.seek(Math.min(frame, total - 1)))}
      >
        {item.objectUrl && <Thumbnails src={item.objectUrl} />}
        <div class="outside" style={{ left: 0, width: percent(selection.first) }} />
        <div class="outside" style={{ left: percent(selection.end), right: 0 }} />
        <div
          class="kept"
          style={{ left: percent(selection.first), width: percent(selection.end - selection.first) }}
        />
        <Playhead player={player} total={total} />
      </div>
      {handle('first')}
      {handle('end')}
    </div>
  )
}

function Playhead({ player, total }: { player: Player; total: number }) {
  return <div class="playhead" style={{ left: `${((player.frame.value + 0.5) / total) * 100}%` }} />
}

type HandleProps = {
  label: string
  edge: Edge
  left: string
  frame: number
  total: number
  text: string
  second: number
  onMove: (frame: number) => void
  onPointerDown: (event: PointerEvent) => void
}

/** A slider: arrows move it by a frame, with Shift or Page keys by a second. */
function Handle({ label, edge, left, frame, total, text, second, onMove, onPointerDown }: HandleProps) {
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
  return (
    <div
      class={`handle ${edge}`}
      style={{ left }}
      role="slider"
      tabIndex={0}
      aria-label={label}
      aria-valuemin={0}
      aria-valuemax={total}
      aria-valuenow={frame}
      aria-valuetext={text}
      onKeyDown={onKeyDown}
      onPointerDown={onPointerDown}
    />
  )
}
