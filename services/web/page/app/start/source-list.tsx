import { formatTime } from '../edit/time.ts'
import { formatBytes, formatSeconds, t } from '../i18n/index.ts'
import { IconButton, Progress } from '../ui/controls.tsx'
import { errorText } from '../ui/error-text.ts'
import { Icon } from '../ui/icons.tsx'
import type { FileUpload } from '../upload/upload.ts'
import { change } from './edits.ts'
import { type Item, selected } from './item.ts'
import { current, items, joins, move, remove, setCurrent } from './work.ts'

export function SourceList() {
  return (
    <ol class="source-list">
      {items.value.map((item, index) => (
        <SourceRow key={item.id} item={item} index={index} />
      ))}
    </ol>
  )
}

function SourceRow({ item, index }: { item: Item; index: number }) {
  const { name, file, upload } = item
  const isCurrent = current.value === item
  const last = items.value.length - 1
  return (
    <li class={`source ${isCurrent ? 'current' : ''}`}>
      <button type="button" class="source-name" aria-current={isCurrent} onClick={() => setCurrent(item)}>
        <Icon name={file ? 'film' : 'link'} />
        <span class="name">{name}</span>
        <span class="muted numbers">{lengthOf(item)}</span>
      </button>
      <div class="row-actions">
        {joins.value && (
          <>
            <IconButton
              icon="up"
              label={t('source.up', { name })}
              disabled={index === 0}
              onClick={() => change(() => move(item, -1))}
            />
            <IconButton
              icon="down"
              label={t('source.down', { name })}
              disabled={index === last}
              onClick={() => change(() => move(item, 1))}
            />
          </>
        )}
        {upload && <PauseButton upload={upload} />}
        <IconButton icon="close" label={t('source.remove', { name })} onClick={() => remove(item)} />
      </div>
      {upload && file && <UploadLine upload={upload} file={file} />}
    </li>
  )
}

function lengthOf(item: Item): string {
  const selection = selected(item)
  return selection ? formatTime((selection.end - selection.first) / item.fps.value) : ''
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
      <p class="hint numbers">{stateText(upload, file, percent)}</p>
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
