import { useSignal } from '@preact/signals'
import { useRef } from 'preact/hooks'
import { formatTime } from '../edit/time.ts'
import { followPointer } from '../edit/timeline/drag.ts'
import { formatBytes, formatSeconds, t } from '../i18n/index.ts'
import { IconButton, Progress } from '../ui/controls.tsx'
import { errorText } from '../ui/error-text.ts'
import { Icon } from '../ui/icons.tsx'
import type { FileUpload } from '../upload/upload.ts'
import { change, changeGradually } from './edits.ts'
import { HeaderFields } from './header-fields.tsx'
import { type Item, isSameMedia, selected } from './item.ts'
import { indexUnder } from './order.ts'
import { addRange, current, items, joins, moveTo, remove, setCurrent } from './work.ts'

export function SourceList() {
  const list = useRef<HTMLOListElement>(null)
  /** Read out: where a source is now. */
  const message = useSignal('')
  const orderable = joins.value && items.value.length > 1

  function move(item: Item, index: number) {
    change(() => moveTo(item, index))
    const position = items.value.indexOf(item) + 1
    message.value = t('source.moved', { name: item.name, position, count: items.value.length })
  }

  /** The row follows the pointer through the list; all of it is one step to undo. */
  function drag(event: PointerEvent, item: Item) {
    const step = changeGradually()
    followPointer(event, ({ clientY }) => {
      const middles = [...(list.current?.children ?? [])].map((row) => {
        const { top, height } = row.getBoundingClientRect()
        return top + height / 2
      })
      step(() => moveTo(item, indexUnder(clientY, middles, items.value.indexOf(item))))
    })
  }

  return (
    <>
      <ol class="source-list" ref={list}>
        {items.value.map((item, index) => (
          <SourceRow
            key={item.id}
            item={item}
            index={index}
            {...(orderable && {
              order: { onMove: (to) => move(item, to), onDrag: (event) => drag(event, item) },
            })}
          />
        ))}
      </ol>
      <p class="visually-hidden" role="status">
        {message.value}
      </p>
    </>
  )
}

type Order = { onMove: (index: number) => void; onDrag: (event: PointerEvent) => void }

/** `order`: where the order of sources matters, since they are joined. */
function SourceRow({ item, index, order }: { item: Item; index: number; order?: Order }) {
  const { name, file, upload } = item
  const isCurrent = current.value === item
  const isFirstOfMedia = items.value.find((one) => isSameMedia(one, item)) === item
  return (
    <li class={`source ${isCurrent ? 'current' : ''} ${order ? 'orderable' : ''}`}>
      {order && <Grip name={name} index={index} {...order} />}
      <button type="button" class="source-name" aria-current={isCurrent} onClick={() => setCurrent(item)}>
        <Icon name={file ? 'film' : 'link'} />
        <span class="name">{name}</span>
        <span class="muted numbers">{rangeText(item)}</span>
      </button>
      <div class="row-actions">
        {upload && isFirstOfMedia && <PauseButton upload={upload} />}
        <IconButton icon="plus" label={t('source.range', { name })} onClick={() => addRange(item)} />
        <IconButton icon="close" label={t('source.remove', { name })} onClick={() => remove(item)} />
      </div>
      {upload && file && isFirstOfMedia && <UploadLine upload={upload} file={file} />}
      {isFirstOfMedia && <HeaderFields item={item} />}
    </li>
  )
}

/** Dragged with the pointer, moved with the arrow keys; its menu of two buttons does the same without dragging. */
function Grip({ name, index, onMove, onDrag }: { name: string; index: number } & Order) {
  const last = items.value.length - 1
  function onKeyDown(event: KeyboardEvent) {
    const to = { ArrowUp: index - 1, ArrowDown: index + 1, Home: 0, End: last }[event.key]
    if (to === undefined) return
    event.preventDefault()
    event.stopPropagation()
    const grip = event.currentTarget as HTMLElement
    onMove(to)
    // A row that is moved in the document loses the focus.
    requestAnimationFrame(() => grip.focus())
  }
  return (
    <div class="order">
      <IconButton
        icon="up"
        label={t('source.up', { name })}
        disabled={index === 0}
        onClick={() => onMove(index - 1)}
      />
      <button
        type="button"
        class="grip"
        aria-label={t('source.order', { name, position: index + 1, count: last + 1 })}
        title={t('source.orderHint')}
        onPointerDown={onDrag}
        onKeyDown={onKeyDown}
      >
        <Icon name="grip" />
      </button>
      <IconButton
        icon="down"
        label={t('source.down', { name })}
        disabled={index === last}
        onClick={() => onMove(index + 1)}
      />
    </div>
  )
}

/** What is kept: its duration, and where it is unless it is all. */
function rangeText(item: Item): string {
  const range = selected(item)
  if (!range) return ''
  const time = (frame: number) => formatTime(frame / item.fps.value)
  return item.selection.value
    ? t('source.rangeText', { from: time(range.first), to: time(range.end) })
    : time(range.end)
}

function PauseButton({ upload }: { upload: FileUpload }) {
  const state = upload.state.value
  if (state === 'complete') return null
  return state === 'sending' || state === 'waiting' ? (
    <IconButton icon="pause" label={t('upload.pause')} onClick={upload.pause} />
  ) : (
    <IconButton
      icon={state === 'failed' ? 'retry' : 'play'}
      label={t('upload.resume')}
      onClick={upload.resume}
    />
  )
}

function UploadLine({ upload, file }: { upload: FileUpload; file: File }) {
  const state = upload.state.value
  const percent = file.size > 0 ? (upload.sent.value / file.size) * 100 : 100
  return (
    <div class={`upload ${state}`}>
      {state !== 'complete' && (
        <Progress label={t('upload.progress', { name: file.name })} percent={percent} />
      )}
      {/* Not each byte is read out. */}
      <p class="hint numbers" aria-live={state === 'sending' ? 'off' : 'polite'}>
        {stateText(upload, file, percent)}
      </p>
    </div>
  )
}

function stateText(
  { state, sent, speed, secondsLeft, error }: FileUpload,
  file: File,
  percent: number,
): string {
  const size = formatBytes(file.size)
  switch (state.value) {
    case 'complete':
      return t('upload.complete', { size })
    case 'paused':
      return t('upload.paused', { percent: Math.floor(percent) })
    case 'waiting':
      return t('upload.waiting')
    case 'failed':
      return error.value ? errorText(error.value) : t('upload.failed')
    default: {
      const [rate, left] = [speed.value, secondsLeft.value]
      const done = { sent: formatBytes(sent.value), size }
      if (!rate || left === undefined) return t('upload.starting', done)
      return t('upload.sending', { ...done, speed: formatBytes(rate), left: formatSeconds(left) })
    }
  }
}
