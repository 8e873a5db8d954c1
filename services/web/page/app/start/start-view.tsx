import { Editor } from '../edit/editor.tsx'
import { t } from '../i18n/index.ts'
import { Notice } from '../ui/controls.tsx'
import { hasInterrupted } from '../upload/remembered.ts'
import { DropZone } from './drop-zone.tsx'
import { MakePanel } from './make/make-panel.tsx'
import { SourceList } from './source-list.tsx'
import { current, items } from './work.ts'

/** One screen: sources, the edit of the chosen one, and what to make of them. */
export function StartView() {
  const item = current.value
  if (!item) {
    return (
      <div class="start empty">
        <h1>{t('start.title')}</h1>
        {hasInterrupted() && <Notice kind="info">{t('start.resume')}</Notice>}
        <DropZone />
      </div>
    )
  }
  return (
    <div class="start working">
      <h1 class="visually-hidden">{t('start.title')}</h1>
      <div class="main-column">
        <Editor key={item.id} item={item} />
        <section class="sources" aria-label={t('source.list')}>
          <SourceList />
          <DropZone compact />
        </section>
      </div>
      <MakePanel several={items.value.length > 1} />
    </div>
  )
}
