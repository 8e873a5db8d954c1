import { useSignal } from '@preact/signals'
import { useEffect, useLayoutEffect } from 'preact/hooks'
import { followEvents } from '#client/core.ts'
import { followStream } from '../../api/event-stream.ts'
import { caller } from '../../api/request.ts'
import { t } from '../../i18n/index.ts'
import { replacePath } from '../../route.ts'
import { Button, Notice } from '../../ui/controls.tsx'
import { errorText } from '../../ui/error-text.ts'
import { Icon } from '../../ui/icons.tsx'
import { usePolling } from '../poll.ts'
import { fromAddress, type ListQuery, toAddress } from './list-query.ts'
import { ListToolbar } from './list-toolbar.tsx'
import { beingDeleted, pending, undo } from './pending.ts'
import { SelectionBar } from './selection-bar.tsx'
import {
  apply,
  error,
  isLoading,
  loadMore,
  nextPage,
  position,
  query,
  refresh,
  show,
  tasks,
} from './store.ts'
import { TaskRowView } from './task-row.tsx'
import { VirtualList } from './virtual-list.tsx'

/** Without a stream of events. */
const ACTIVE_MS = 2_000
const IDLE_MS = 10_000
/** With one, in case that an event was lost. */
const LIVE_MS = 120_000

/** All tasks, as they change. `address` is the query in the address of the view. */
export function TasksView({ address }: { address: string }) {
  useLayoutEffect(() => show(fromAddress(address)), [address])
  useLiveList()
  useUndoKey()
  const change = (more: Partial<ListQuery>) => {
    const search = toAddress({ ...query.value, ...more })
    replacePath(search ? `/tasks?${search}` : '/tasks')
  }
  const rows = tasks.value?.filter(({ id }) => !beingDeleted.value.has(id))
  return (
    <div class="tasks">
      <div class="title-row">
        <h1>{t('tasks.title')}</h1>
        <ListToolbar query={query.value} onChange={change} />
      </div>
      {error.value && (
        <Notice>
          <p>{errorText(error.value)}</p>
          <Button icon="retry" onClick={() => refresh().catch(() => undefined)}>
            {t('task.retry')}
          </Button>
        </Notice>
      )}
      {rows === undefined ? (
        !error.value && <ListSkeleton />
      ) : rows.length === 0 && nextPage.value === null ? (
        <EmptyList query={query.value} onClear={() => replacePath('/tasks')} />
      ) : (
        <div class="task-list">
          <SelectionBar rows={rows} />
          <VirtualList
            label={t('tasks.title')}
            items={rows}
            hasMore={nextPage.value !== null}
            position={position}
            onNearEnd={loadMore}
          >
            {(task) => <TaskRowView task={task} />}
          </VirtualList>
        </div>
      )}
      {rows !== undefined && nextPage.value !== null && (
        <div class="more">
          <Button onClick={loadMore} disabled={isLoading.value}>
            {t(isLoading.value ? 'tasks.loading' : 'tasks.more')}
          </Button>
        </div>
      )}
    </div>
  )
}

/** Applies events as they come; polls while there are none. */
function useLiveList() {
  const isLive = useSignal(false)
  useEffect(() => {
    let after: number | undefined
    return followStream((options) => followEvents(caller, { ...options, after }), {
      // The list is loaded again then, as far as it is polled.
      onLive: (live) => (isLive.value = live),
      onItem(event) {
        after = event.sequence
        apply(event)
      },
    })
  }, [])
  usePolling(
    async (signal) => {
      const hasActive = await refresh(signal)
      return isLive.peek() ? LIVE_MS : hasActive ? ACTIVE_MS : IDLE_MS
    },
    [toAddress(query.value), isLive.value],
  )
}

function useUndoKey() {
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (!pending.peek() || event.key !== 'z' || !(event.ctrlKey || event.metaKey)) return
      if (event.target instanceof HTMLInputElement && event.target.type !== 'checkbox') return
      event.preventDefault()
      undo()
    }
    addEventListener('keydown', onKey)
    return () => removeEventListener('keydown', onKey)
  }, [])
}

function EmptyList({ query, onClear }: { query: ListQuery; onClear: () => void }) {
  const isFiltered = toAddress(query) !== ''
  return (
    <div class="nothing">
      <Icon name={isFiltered ? 'search' : 'scissors'} />
      <h2>{t(isFiltered ? 'tasks.emptyFilter' : 'tasks.empty')}</h2>
      {isFiltered ? (
        <Button onClick={onClear}>{t('tasks.showAll')}</Button>
      ) : (
        <>
          <p class="muted">{t('tasks.emptyText')}</p>
          <a class="button primary" href="#/">
            {t('nav.new')}
          </a>
        </>
      )}
    </div>
  )
}

const ListSkeleton = () => (
  <div class="skeletons" role="status" aria-label={t('tasks.loading')}>
    <div class="skeleton" />
    <div class="skeleton" />
    <div class="skeleton" />
  </div>
)
