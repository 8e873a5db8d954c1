import type { TaskStatus } from '#shared/contract/tasks.ts'
import { t } from '../i18n/index.ts'

/** The state in words; the colour only repeats it. */
export const StatusBadge = ({ status }: { status: TaskStatus }) => (
  <span class={`badge ${status}`}>{t(`status.${status}`)}</span>
)
