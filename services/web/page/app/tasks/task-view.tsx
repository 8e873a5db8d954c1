import { useSignal } from '@preact/signals'
import type { TaskDetails } from '#shared/contract/tasks.ts'
import { deleteTask, fetchTask, retryTask } from '../api/operations.ts'
import type { ApiError } from '../api/problem.ts'
import { apiError } from '../api/request.ts'
import { formatDate, formatSeconds, t } from '../i18n/index.ts'
import { go } from '../route.ts'
import { Button, Code, Notice, Progress } from '../ui/controls.tsx'
import { errorText } from '../ui/error-text.ts'
import { Icon } from '../ui/icons.tsx'
import { Outputs } from './outputs.tsx'
import { usePolling } from './poll.ts'
import { StatusBadge } from './status-badge.tsx'
import { TaskFacts } from './task-facts.tsx'
import { isActive } from './task-list.ts'
import { useTaskName } from './use-task-name.ts'

const POLL_MS = 1_000

/** One task: how far it is, what came out, what went wrong, and what can be done about it. */
export function TaskView({ id }: { id: string }) {
  const task = useSignal<TaskDetails | undefined>(undefined)
  const error = useSignal<ApiError | undefined>(undefined)
  const isConfirming = useSignal(false)
  const name = useTaskName(task.value)
  const retries = useSignal(0)

  usePolling(
    async (signal) => {
      try {
        task.value = await fetchTask(id, signal)
        error.value = undefined
        return isActive(task.value) ? POLL_MS : undefined
      } catch (thrown) {
        if (signal.aborted) return undefined
        error.value = apiError(thrown)
        if (error.value.status === 404) return undefined
        throw thrown
      }
    },
    [id, retries.value],
  )

  async function act(action: () => Promise<unknown>) {
    try {
      await action()
      retries.value += 1
    } catch (thrown) {
      error.value = apiError(thrown)
    }
  }

  async function remove() {
    try {
      await deleteTask(id)
      go('/tasks')
    } catch (thrown) {
      error.value = apiError(thrown)
    }
  }

  const back = (
    <a class="back" href="#/tasks">
      <Icon name="back" />
      {t('task.back')}
    </a>
  )
  if (!task.value) {
    return (
      <div class="task">
        {back}
        {error.value ? (
          <Notice>{error.value.status === 404 ? t('task.gone') : errorText(error.value)}</Notice>
        ) : (
          <div class="skeleton tall" role="status" aria-label={t('tasks.loading')} />
        )}
      </div>
    )
  }
  const { status, preset, created_at, started_at, finished_at, error: failure } = task.value
  const active = isActive(task.value)
  return (
    <div class="task">
      {back}
      <div class="title-row">
        <h1>{name ?? preset ?? t('task.fromRecipe')}</h1>
        <StatusBadge status={status} />
      </div>
      <p class="muted">
        {t('task.created', { date: formatDate(created_at) })}
        {started_at && finished_at && ` · ${t('task.took', { time: tookText(started_at, finished_at) })}`}
      </p>
      {error.value && <Notice>{errorText(error.value)}</Notice>}
      {/* The state alone is read out, not each percent. */}
      <p class="visually-hidden" role="status">
        {t(`status.${status}`)}
      </p>
      {active && <Running task={task.value} />}
      {failure && status === 'failed' && (
        <Notice>
          <p>{failure.message}</p>
          <p class="hint">
            <code>{failure.code}</code>
          </p>
          {failure.log_tail && (
            <details>
              <summary>{t('task.log')}</summary>
              <Code>{failure.log_tail}</Code>
            </details>
          )}
        </Notice>
      )}
      {status === 'succeeded' && <Outputs task={task.value} />}
      <div class="actions">
        {status === 'failed' && (
          <Button kind="primary" icon="retry" onClick={() => act(() => retryTask(id))}>
            {t('task.retry')}
          </Button>
        )}
        {active && (
          <Button icon="stop" onClick={() => act(() => deleteTask(id))}>
            {t('task.abort')}
          </Button>
        )}
        {!active && !isConfirming.value && (
          <>
            <a class="button" href="#/">
              <Icon name="scissors" />
              <span>{t('task.again')}</span>
            </a>
            <Button kind="quiet" icon="trash" onClick={() => (isConfirming.value = true)}>
              {t('task.delete')}
            </Button>
          </>
        )}
        {!active && isConfirming.value && (
          <div class="confirm" role="alertdialog" aria-label={t('task.deleteConfirm')}>
            <span>{t('task.deleteConfirm')}</span>
            <Button kind="danger" icon="trash" onClick={remove}>
              {t('task.delete')}
            </Button>
            <Button onClick={() => (isConfirming.value = false)}>{t('task.cancel')}</Button>
          </div>
        )}
      </div>
      <TaskFacts task={task.value} />
    </div>
  )
}

const tookText = (from: string, to: string) =>
  formatSeconds(Math.max(1, (new Date(to).getTime() - new Date(from).getTime()) / 1000))

function Running({ task: { status, progress, seconds_left: left, stages } }: { task: TaskDetails }) {
  return (
    <div class="card running">
      <p>
        {t(status === 'queued' ? 'task.queuedText' : 'task.runningText')}{' '}
        <span class="muted">
          {left !== null && left > 0 && t('task.left', { time: formatSeconds(left) })}
        </span>
      </p>
      <Progress label={t('task.runningText')} percent={progress} />
      <p class="numbers percent">{progress} %</p>
      {stages && (
        <ul class="stages">
          <li>
            {t('task.stageVideo')} <span class="muted">{t('task.chunks', stages.chunks)}</span>
          </li>
          {stages.audio && (
            <li>
              {t('task.stageAudio')} <StatusBadge status={stages.audio} />
            </li>
          )}
          <li>
            {t('task.stageStitch')} <StatusBadge status={stages.stitch} />
          </li>
        </ul>
      )}
    </div>
  )
}
