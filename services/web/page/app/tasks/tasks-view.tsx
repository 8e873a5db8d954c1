import { useSignal } from '@preact/signals'
import { useEffect, useRef } from 'preact/hooks'
import type { TaskStatus, TaskSummary } from '#shared/contract/tasks.ts'
import { listTasks } from '../api/operations.ts'
import type { ApiError } from '../api/problem.ts'
import { apiError } from '../api/request.ts'
import { formatBytes, formatDate, t } from '../i18n/index.ts'
import { Button, Notice, Progress, Select } from '../ui/controls.tsx'
import { errorText } from '../ui/error-text.ts'
import { Icon } from '../ui/icons.tsx'
import { usePolling } from './poll.ts'
import { STATUSES, StatusBadge } from './status-badge.tsx'
import { append, isActive, mergeNewest } from './task-list.ts'
import { rememberedName } from './task-names.ts'

const PAGE = 25
const ACTIVE_MS = 2_000
const IDLE_MS = 10_000

/** All tasks, the newest first, with those that run shown as they go. */
export function TasksView() {
  const status = useSignal<TaskStatus | ''>('')
  const tasks = useSignal<TaskSummary[] | undefined>(undefined)
  const nextPage = useSignal<string | null>(null)
  const error = useSignal<ApiError | undefined>(undefined)
  const isLoading = useSignal(false)

  const query = () => ({ max: PAGE, ...(status.value && { status: status.value }) })

  usePolling(
    async (signal) => {
      try {
        const page = await listTasks(query(), signal)
        if (signal.aborted) return undefined
        // What was loaded before under a filter may have left it, so the first page alone is kept then.
        if (tasks.value === undefined || status.value) nextPage.value = page.next_page
        tasks.value = status.value ? page.tasks : mergeNewest(tasks.value ?? [], page.tasks)
        error.value = undefined
        return page.tasks.some(isActive) ? ACTIVE_MS : IDLE_MS
      } catch (thrown) {
        if (signal.aborted) return undefined
        error.value = apiError(thrown)
        throw thrown
      }
    },
    [status.value],
  )

  async function loadMore() {
    if (!nextPage.value || isLoading.value) return
    isLoading.value = true
    try {
      const page = await listTasks({ ...query(), page: nextPage.value })
      tasks.value = append(tasks.value ?? [], page.tasks)
      nextPage.value = page.next_page
    } catch (thrown) {
      error.value = apiError(thrown)
    } finally {
      isLoading.value = false
    }
  }

  return (
    <div class="tasks">
      <div class="title-row">
        <h1>{t('tasks.title')}</h1>
        <Select
          label={t('tasks.filter')}
          value={status.value}
          options={[['', t('tasks.all')], ...STATUSES.map((one) => [one, t(`status.${one}`)] as const)]}
          onChange={(value) => {
            status.value = value
            tasks.value = undefined
            nextPage.value = null
          }}
        />
      </div>
      {error.value && <Notice>{errorText(error.value)}</Notice>}
      {tasks.value === undefined ? (
        !error.value && <ListSkeleton />
      ) : tasks.value.length === 0 ? (
        <EmptyList isFiltered={status.value !== ''} />
      ) : (
        <ol class="task-list">
          {tasks.value.map((task) => (
            <TaskRow key={task.id} task={task} />
          ))}
        </ol>
      )}
      {nextPage.value && <MoreButton isLoading={isLoading.value} onMore={loadMore} />}
    </div>
  )
}

function TaskRow({ task }: { task: TaskSummary }) {
  const { id, status, progress, outputs, preset, created_at } = task
  const [output] = outputs
  return (
    <li>
      <a class="task-row" href={`#/tasks/${id}`}>
        <Icon name={output?.content_type.startsWith('audio/') ? 'audio' : 'film'} />
        <span class="name">
          {rememberedName(id) ?? output?.name ?? preset ?? t('task.fromRecipe')}
          <span class="hint">{formatDate(created_at)}</span>
        </span>
        <span class="muted numbers detail">
          {output && formatBytes(outputs.reduce((sum, { bytes }) => sum + bytes, 0))}
          {isActive(task) && `${progress} %`}
        </span>
        <StatusBadge status={status} />
        {status === 'running' && <Progress label={t('status.running')} percent={progress} />}
      </a>
    </li>
  )
}

function EmptyList({ isFiltered }: { isFiltered: boolean }) {
  if (isFiltered) return <p class="muted">{t('tasks.emptyFilter')}</p>
  return (
    <div class="nothing">
      <Icon name="scissors" />
      <h2>{t('tasks.empty')}</h2>
      <p class="muted">{t('tasks.emptyText')}</p>
      <a class="button primary" href="#/">
        {t('nav.new')}
      </a>
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

/** Loads the next page when it comes into view; it is a button for those who get there with the keyboard. */
function MoreButton({ isLoading, onMore }: { isLoading: boolean; onMore: () => void }) {
  const box = useRef<HTMLDivElement>(null)
  const more = useRef(onMore)
  more.current = onMore
  useEffect(() => {
    const observer = new IntersectionObserver(([entry]) => entry?.isIntersecting && more.current(), {
      rootMargin: '400px',
    })
    if (box.current) observer.observe(box.current)
    return () => observer.disconnect()
  }, [isLoading])
  return (
    <div ref={box} class="more">
      <Button onClick={onMore} disabled={isLoading}>
        {t(isLoading ? 'tasks.loading' : 'tasks.more')}
      </Button>
    </div>
  )
}
