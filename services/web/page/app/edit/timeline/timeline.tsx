import { type Signal, useSignalEffect } from '@preact/signals'
import { useEffect, useRef } from 'preact/hooks'
import { t } from '../../i18n/index.ts'
import { changeGradually, select } from '../../start/edits.ts'
import { startWaveform } from '../../start/facts.ts'
import { type Item, isSameMedia, selected } from '../../start/item.ts'
import { items } from '../../start/work.ts'
import { startOf, withEnd, withFirst } from '../frames.ts'
import type { Player } from '../player.ts'
import { formatTime } from '../time.ts'
import { WaveformView } from '../waveform/waveform-view.tsx'
import { followPointer, ratioUnder } from './drag.ts'
import { type Edge, Handle } from './handle.tsx'
import { KeyFrameMarks } from './key-frame-marks.tsx'
import { Overview } from './overview.tsx'
import { Thumbnails } from './thumbnails.tsx'
import { frameAtRatio, isWhole, moved, ratioOf, revealing, type View, zoomed } from './view.ts'

type Props = { item: Item; player: Player; view: Signal<View> }

/** A stretch of the source as a strip of thumbnails, with the selection, its two handles, and the playhead. */
export function Timeline({ item, player, view }: Props) {
  const strip = useRef<HTMLDivElement>(null)
  const total = item.total.value
  const selection = selected(item)

  useSignalEffect(() => {
    const frames = item.total.value
    if (frames !== undefined) view.value = revealing(view.peek(), player.frame.value, frames)
  })
  useSignalEffect(() => startWaveform(item))
  useEffect(() => onWheel(strip.current, (event) => scrollOrZoom(event)), [total === undefined])

  if (total === undefined || !selection) return <div class="timeline loading" aria-hidden="true" />
  const fps = item.fps.value
  const percent = (frame: number) => `${ratioOf(view.value, frame) * 100}%`
  const frameUnder = (event: MouseEvent) => frameAtRatio(view.value, ratioUnder(event, strip.current))

  /** Pinching, and the wheel with Ctrl, zoom around the pointer; sideways is along the source. */
  function scrollOrZoom(event: WheelEvent) {
    const frames = item.total.value
    if (frames === undefined) return
    const sideways = event.shiftKey ? event.deltaY : event.deltaX
    const isZoom = event.ctrlKey || event.metaKey
    if (!isZoom && Math.abs(sideways) <= Math.abs(event.shiftKey ? 0 : event.deltaY)) return
    event.preventDefault()
    const width = strip.current?.clientWidth || 1
    view.value = isZoom
      ? zoomed(view.value, Math.exp(event.deltaY / 200), frameUnder(event), frames)
      : moved(view.value, (sideways / width) * (view.value.end - view.value.start), frames)
  }

  function dragPlayhead(event: PointerEvent) {
    const show = (at: MouseEvent) => player.seek(Math.min(frameUnder(at), (total ?? 1) - 1))
    followPointer(event, show)
    if (event.button === 0) show(event)
  }

  function dragEdge(event: PointerEvent, edge: Edge) {
    event.stopPropagation()
    const step = changeGradually()
    followPointer(event, (move) => moveTo(edge, frameUnder(move), step))
  }

  /** Moves an edge and shows the frame at it: the first one, or the last one. */
  function moveTo(edge: Edge, frame: number, step?: (make: () => void) => void) {
    const before = selected(item)
    if (!before || total === undefined) return
    const after = edge === 'first' ? withFirst(before, frame) : withEnd(before, frame, total)
    if (step) step(() => (item.selection.value = after))
    else select(item, after)
    player.seek(edge === 'first' ? after.first : after.end - 1)
  }

  const others = items.value.filter((one) => one !== item && isSameMedia(one, item))
  const src = item.objectUrl ?? item.preview.value
  const waveform = item.waveform.value
  const peaks = waveform && 'peaks' in waveform ? waveform.peaks : undefined
  const times = { from: view.value.start / fps, to: view.value.end / fps }
  const handle = (edge: Edge) => (
    <Handle
      key={edge}
      label={t(edge === 'first' ? 'edit.handleIn' : 'edit.handleOut')}
      edge={edge}
      ratio={ratioOf(view.value, selection[edge])}
      frame={selection[edge]}
      total={total}
      text={formatTime(startOf(selection[edge], fps))}
      second={Math.round(fps)}
      onMove={(frame) => moveTo(edge, frame)}
      onPointerDown={(event) => dragEdge(event, edge)}
      onFocus={() => (view.value = revealing(view.value, selection[edge] - (edge === 'end' ? 1 : 0), total))}
    />
  )
  return (
    <div class="timeline-area">
      <div class={`timeline ${peaks ? 'with-waveform' : ''}`} id="timeline">
        <div class="strip" ref={strip} onPointerDown={dragPlayhead}>
          {src && <Thumbnails src={src} {...times} />}
          {peaks && <WaveformView peaks={peaks} {...times} />}
          <div class="outside" style={{ left: 0, width: percent(selection.first) }} />
          <div class="outside" style={{ left: percent(selection.end), right: 0 }} />
          <div
            class="kept"
            style={{
              left: percent(selection.first),
              width: `${((selection.end - selection.first) / (view.value.end - view.value.start)) * 100}%`,
            }}
          />
          {others.map(({ id, selection: { value: range } }) => (
            <div
              key={id}
              class="other-range"
              style={{
                left: percent(range?.first ?? 0),
                right: `${100 - ratioOf(view.value, range?.end ?? total) * 100}%`,
              }}
            />
          ))}
          {item.keyFrames.value && (
            <KeyFrameMarks keyFrames={item.keyFrames.value} view={view.value} fps={fps} />
          )}
          <Playhead player={player} view={view} />
        </div>
        {handle('first')}
        {handle('end')}
      </div>
      {waveform?.state === 'unavailable' && (
        <p class="hint">{t(item.asked.has('waveform') ? 'edit.noWaveform' : 'edit.waveformLater')}</p>
      )}
      {waveform?.state === 'silent' && <p class="hint">{t('edit.noAudio')}</p>}
      {!isWhole(view.value, total) && <Overview view={view} total={total} selection={selection} />}
    </div>
  )
}

function Playhead({ player, view }: { player: Player; view: Signal<View> }) {
  return <div class="playhead" style={{ left: `${ratioOf(view.value, player.frame.value + 0.5) * 100}%` }} />
}

/** Not as a property of the element: the handler must be able to keep the page from scrolling. Returns what ends it. */
function onWheel(element: HTMLElement | null, handle: (event: WheelEvent) => void): () => void {
  element?.addEventListener('wheel', handle, { passive: false })
  return () => element?.removeEventListener('wheel', handle)
}
