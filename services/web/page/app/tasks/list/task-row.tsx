import { formatBytes, formatDate, t } from '../../i18n/index.ts'
import { Progress } from '../../ui/controls.tsx'
import { Icon } from '../../ui/icons.tsx'
import { StatusBadge } from '../status-badge.tsx'
import { isActive } from '../task-list.ts'
import { rememberedName } from '../task-names.ts'
import type { TaskRow } from './list-query.ts'
import { beingAborted } from './pending.ts'
import { deselect, select, selected } from './store.ts'

/** A task in the list: a link to it, and a box to select it. */
export function TaskRowView({ task }: { task: TaskRow }) {
  const { id, progress, outputs, output_count: count, preset, created_at } = task
  const [output] = outputs
  const name = rememberedName(id) ?? task.name ?? output?.name ?? preset ?? t('task.fromRecipe')
  const status = beingAborted.value.has(id) && isActive(task) ? 'aborted' : task.status
  const isSelected = selected.value.has(id)
  // The list knows the sizes of the first outputs only.
  const bytes = count <= outputs.length && outputs.reduce((sum, { bytes }) => sum + bytes, 0)
  const facts = [
    formatDate(created_at),
    count > 1 && t('tasks.files', { count }),
    bytes && formatBytes(bytes),
  ]
  return (
    <div class={`task-row ${isSelected ? 'selected' : ''}`}>
      <label class="pick">
        <input
          type="checkbox"
          aria-label={t('bulk.select', { name })}
          checked={isSelected}
          onChange={() => (isSelected ? deselect([id]) : select([id]))}
        />
      </label>
      <a href={`#/tasks/${id}`}>
        <Icon name={output?.content_type.startsWith('audio/') ? 'audio' : 'film'} />
        <span class="name">
          <span class="title">{name}</span>
          <span class="hint numbers">{facts.filter(Boolean).join(' · ')}</span>
        </span>
        {status === 'running' && <span class="muted numbers">{progress} %</span>}
        <StatusBadge status={status} />
        {status === 'running' && <Progress label={t('status.running')} percent={progress} />}
      </a>
    </div>
  )
}
