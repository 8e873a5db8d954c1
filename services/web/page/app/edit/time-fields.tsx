import { t } from '../i18n/index.ts'
import { select } from '../start/edits.ts'
import { type Item, selected } from '../start/item.ts'
import { TypedField } from '../ui/typed-field.tsx'
import { type Selection, startOf, withEnd, withFirst } from './frames.ts'
import { formatTime, parseTime } from './time.ts'

/** Start and end as typed times, and what they keep. Times of a source whose length is not known yet are taken as they are. */
export function TimeFields({ item, onSeek }: { item: Item; onSeek: (frame: number) => void }) {
  const fps = item.fps.value
  const total = item.total.value
  const selection = selected(item)
  const toFrame = (seconds: number) => Math.round(seconds * fps)

  function setFirst(seconds: number) {
    const before: Selection = selection ?? { first: 0, end: toFrame(seconds) + Math.round(fps) }
    const after = withFirst(
      { ...before, end: Math.max(before.end, total === undefined ? toFrame(seconds) + 1 : 0) },
      toFrame(seconds),
    )
    select(item, after)
    onSeek(after.first)
  }

  function setEnd(seconds: number) {
    const before = selection ?? { first: 0, end: 1 }
    const after = withEnd(before, toFrame(seconds), total ?? Number.MAX_SAFE_INTEGER)
    select(item, after)
    onSeek(after.end - 1)
  }

  const frames = selection && selection.end - selection.first
  return (
    <div class="times">
      <TimeField
        label={t('edit.in')}
        value={selection && startOf(selection.first, fps)}
        onCommit={setFirst}
      />
      <TimeField label={t('edit.out')} value={selection && startOf(selection.end, fps)} onCommit={setEnd} />
      <p class="numbers keeps" role="status">
        {frames !== undefined && (
          <>
            <strong>{t('edit.selected', { duration: formatTime(frames / fps) })}</strong>{' '}
            <span class="muted">{item.selection.value ? t('edit.frames', { frames }) : t('edit.all')}</span>
          </>
        )}
      </p>
    </div>
  )
}

type FieldProps = { label: string; value: number | undefined; onCommit: (seconds: number) => void }

const TimeField = ({ label, value, onCommit }: FieldProps) => (
  <TypedField
    class="time"
    label={label}
    text={value === undefined ? '' : formatTime(value)}
    parse={parseTime}
    note={t('edit.timeInvalid')}
    placeholder="0:00.000"
    onCommit={onCommit}
  />
)
