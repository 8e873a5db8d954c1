import { Editor } from '../edit/editor.tsx'
import { t } from '../i18n/index.ts'
import { Notice } from '../ui/controls.tsx'
import { DropZone } from './drop-zone.tsx'
import type { Item } from './item.ts'
import { MakePanel } from './make/make-panel.tsx'
import { SourceList } from './source-list.tsx'
import { items, kept } from './work.ts'

/** The sources, the edit of the chosen one, and what to make of them. */
export function WorkView({ item }: { item: Item }) {
  return (
    <div class="start working">
      <h1 class="visually-hidden">{t('start.title')}</h1>
      <div class="main-column">
        <KeptNotice />
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

/** What the editor cannot show of a task that was opened in it. */
function KeptNotice() {
  const fields = Object.keys(kept.value)
  if (fields.length === 0) return null
  return (
    <Notice kind="info">
      <p>{t('again.kept', { fields: fields.join(', ') })}</p>
      <button type="button" class="text-button" onClick={() => (kept.value = {})}>
        {t('again.drop')}
      </button>
    </Notice>
  )
}
