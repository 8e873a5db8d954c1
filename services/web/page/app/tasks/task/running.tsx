import type { TaskDetails } from '#shared/contract/tasks.ts'
import { formatSeconds, t } from '../../i18n/index.ts'
import { Progress } from '../../ui/controls.tsx'
import { StatusBadge } from '../status-badge.tsx'

/** How far an active task is: as a whole, and each stage of one that was divided. */
export function Running({ task: { status, progress, seconds_left: left, stages } }: { task: TaskDetails }) {
  return (
    <div class="card running">
      <p class="running-head">
        <strong class="numbers percent">{progress} %</strong>
        <span>
          {t(status === 'queued' ? 'task.queuedText' : 'task.runningText')}{' '}
          {left !== null && left > 0 && (
            <span class="muted">{t('task.left', { time: formatSeconds(left) })}</span>
          )}
        </span>
      </p>
      <Progress label={t('task.runningText')} percent={progress} />
      {stages && (
        <ul class="stages">
          <li>
            <span>{t('task.stageVideo')}</span>
            <Progress
              label={t('task.stageVideo')}
              percent={(stages.chunks.done / Math.max(1, stages.chunks.total)) * 100}
            />
            <span class="muted numbers">{t('task.chunks', stages.chunks)}</span>
          </li>
          {stages.audio && (
            <li>
              <span>{t('task.stageAudio')}</span>
              <StatusBadge status={stages.audio} />
            </li>
          )}
          <li>
            <span>{t('task.stageStitch')}</span>
            <StatusBadge status={stages.stitch} />
          </li>
        </ul>
      )}
    </div>
  )
}
