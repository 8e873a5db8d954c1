import { t } from '../../i18n/index.ts'
import { Button } from '../../ui/controls.tsx'
import { isActive } from '../task-list.ts'
import type { TaskRow } from './list-query.ts'
import { beingAborted, schedule } from './pending.ts'
import { deselect, select, selected } from './store.ts'

/** What can be done with the selected tasks. */
export function SelectionBar({ rows }: { rows: readonly TaskRow[] }) {
  const chosen = rows.filter(({ id }) => selected.value.has(id))
  const active = chosen.filter((task) => isActive(task) && !beingAborted.value.has(task.id))
  const ids = (list: readonly TaskRow[]) => list.map(({ id }) => id)
  const isAll = chosen.length > 0 && chosen.length === rows.length
  return (
    <div class="selection-bar" role="toolbar" aria-label={t('bulk.title')}>
      <label class="pick">
        <input
          type="checkbox"
          checked={isAll}
          indeterminate={chosen.length > 0 && !isAll}
          onChange={() => (isAll ? deselect(ids(rows)) : select(ids(rows)))}
        />
        <span>{chosen.length > 0 ? t('bulk.selected', { count: chosen.length }) : t('bulk.all')}</span>
      </label>
      {chosen.length > 0 && (
        <span class="row-actions">
          <Button
            kind="quiet"
            icon="stop"
            disabled={active.length === 0}
            onClick={() => schedule('abort', ids(active))}
          >
            {t('task.abort')}
          </Button>
          <Button kind="quiet" icon="trash" onClick={() => schedule('delete', ids(chosen))}>
            {t('task.delete')}
          </Button>
        </span>
      )}
    </div>
  )
}
