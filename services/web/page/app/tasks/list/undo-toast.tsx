import { t } from '../../i18n/index.ts'
import { Button } from '../../ui/controls.tsx'
import { errorText } from '../../ui/error-text.ts'
import { Icon } from '../../ui/icons.tsx'
import { type Change, failed, hold, pending, resume, schedule, undo } from './pending.ts'

/** What was just aborted or deleted, with a way back; or what could not be. It stays while it has the pointer or the focus. */
export function UndoToast() {
  const failure = failed.value
  return (
    <div
      class="toasts"
      role="status"
      onMouseEnter={hold}
      onMouseLeave={resume}
      onFocusCapture={hold}
      onBlurCapture={resume}
    >
      {pending.value && (
        <div class="toast">
          <span>{changeText(pending.value)}</span>
          <Button kind="quiet" icon="undo" onClick={undo}>
            {t('bulk.undo')}
          </Button>
        </div>
      )}
      {failure && (
        <div class="toast">
          <Icon name="alert" />
          <span>
            {t(`bulk.failed.${failure.change.action}`, { count: failure.change.ids.length })}{' '}
            {failure.error && errorText(failure.error)}
          </span>
          <Button
            kind="quiet"
            icon="retry"
            onClick={() => schedule(failure.change.action, failure.change.ids)}
          >
            {t('task.retry')}
          </Button>
        </div>
      )}
    </div>
  )
}

const changeText = ({ action, ids: { length: count } }: Change) =>
  t(count === 1 ? `bulk.one.${action}` : `bulk.many.${action}`, { count })
