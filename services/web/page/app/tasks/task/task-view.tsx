import { useSignal } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import type { ApiError } from '#client/core.ts'
import type { TaskDetails } from '#shared/contract/tasks.ts'
import { abortTask, deleteTask, retryTask } from '../../api/operations.ts'
import { apiError } from '../../api/request.ts'
import { formatDate, formatSeconds, t } from '../../i18n/index.ts'
import { go } from '../../route.ts'
import { editAgain } from '../../start/edit-again.ts'
import { Confirm } from '../../ui/confirm.tsx'
import { Button, Code, Notice } from '../../ui/controls.tsx'
import { errorText } from '../../ui/error-text.ts'
import { Icon } from '../../ui/icons.tsx'
import { StatusBadge } from '../status-badge.tsx'
import { isActive } from '../task-list.ts'
import { Outputs } from './outputs.tsx'
import { Running } from './running.tsx'
import { TaskFacts } from './task-facts.tsx'
import { useTask } from './use-task.ts'
import { useTaskName } from './use-task-name.ts'

/** One task: how far it is, what came out, what went wrong, and what can be done about it. */
export function TaskView({ id }: { id: string }) {
  const { task, error, reload } = useTask(id)
  const name = useTaskName(task.value)
  const { value } = task
  const loadError = error.value
  return (
    <div class="task">
      <a class="back" href="#/tasks">
        <Icon name="back" />
        {t('task.back')}
      </a>
      {value ? (
        <>
          <Heading task={value} name={name} />
          {loadError && <Notice>{errorText(loadError)}</Notice>}
          {isActive(value) && <Running task={value} />}
          {value.status === 'failed' && <Failure error={value.error} />}
          {value.status === 'succeeded' && <Outputs task={value} />}
          <Actions task={value} onChange={reload} />
          <TaskFacts task={value} />
        </>
      ) : loadError ? (
        <Notice>{loadError.status === 404 ? t('task.gone') : errorText(loadError)}</Notice>
      ) : (
        <div class="skeleton tall" role="status" aria-label={t('tasks.loading')} />
      )}
    </div>
  )
}

function Heading({ task, name }: { task: TaskDetails; name: string | undefined }) {
  const { status, preset, progress, created_at, started_at, finished_at } = task
  const title = name ?? preset ?? t('task.fromRecipe')
  // The tab says how far the task is.
  useEffect(() => {
    document.title = `${isActive(task) ? `${progress} % · ` : ''}${title} · Cutroom`
  })
  return (
    <>
      <div class="title-row">
        <h1>{title}</h1>
        <StatusBadge status={status} />
      </div>
      <p class="muted">
        {t('task.created', { date: formatDate(created_at) })}
        {started_at && finished_at && ` · ${t('task.took', { time: tookText(started_at, finished_at) })}`}
      </p>
      {/* The state and each quarter are read out, not each percent. */}
      <p class="visually-hidden" role="status">
        {t(`status.${status}`)}
        {status === 'running' && progress >= 25 && ` ${progress - (progress % 25)} %`}
      </p>
    </>
  )
}

const tookText = (from: string, to: string) =>
  formatSeconds(Math.max(1, (new Date(to).getTime() - new Date(from).getTime()) / 1000))

function Failure({ error }: { error: TaskDetails['error'] }) {
  if (!error) return null
  const text = errorText(error)
  return (
    <Notice>
      <p>{text}</p>
      <p class="hint">
        <code>{error.code}</code>
        {!text.includes(error.message) && ` · ${error.message}`}
      </p>
      {error.log_tail && (
        <details>
          <summary>{t('task.log')}</summary>
          <Code>{error.log_tail}</Code>
        </details>
      )}
    </Notice>
  )
}

function Actions({ task, onChange }: { task: TaskDetails; onChange: () => void }) {
  const { id, status } = task
  const error = useSignal<ApiError | undefined>(undefined)
  async function act(action: () => Promise<unknown>, after: () => void) {
    try {
      await action()
      error.value = undefined
      after()
    } catch (thrown) {
      error.value = apiError(thrown)
    }
  }
  return (
    <>
      {error.value && <Notice>{errorText(error.value)}</Notice>}
      <div class="actions">
        {status === 'failed' && (
          <Button kind="primary" icon="retry" onClick={() => act(() => retryTask(id), onChange)}>
            {t('task.retry')}
          </Button>
        )}
        {isActive(task) ? (
          <Button icon="stop" onClick={() => act(() => abortTask(id), onChange)}>
            {t('task.abort')}
          </Button>
        ) : (
          <>
            <Button
              icon="scissors"
              onClick={() =>
                act(
                  () => editAgain(task),
                  () => undefined,
                )
              }
            >
              {t('task.editAgain')}
            </Button>
            <Confirm
              icon="trash"
              label={t('task.delete')}
              question={t('task.deleteConfirm')}
              onConfirm={() =>
                act(
                  () => deleteTask(id),
                  () => go('/tasks'),
                )
              }
            />
          </>
        )}
      </div>
    </>
  )
}
