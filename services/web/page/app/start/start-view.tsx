import { useEffect } from 'preact/hooks'
import { t } from '../i18n/index.ts'
import { Notice } from '../ui/controls.tsx'
import { lazy } from '../ui/lazy.tsx'
import { hasInterrupted } from '../upload/remembered.ts'
import { DropZone } from './drop-zone.tsx'
import { current } from './work.ts'

const loadWorkView = async () => (await import('./work-view.tsx')).WorkView
const WorkView = lazy(loadWorkView)

/** One screen: first a place to drop files, then the sources, the edit of the chosen one, and what to make of them. */
export function StartView() {
  useEffect(() => {
    // While a person looks for a file. If it fails now, it is tried again when it is needed.
    loadWorkView().catch(() => undefined)
  }, [])
  const item = current.value
  if (item) return <WorkView item={item} />
  return (
    <div class="start empty">
      <h1>{t('start.title')}</h1>
      {hasInterrupted() && <Notice kind="info">{t('start.resume')}</Notice>}
      <DropZone />
    </div>
  )
}
