import { Editor } from '../edit/editor.tsx'
import { t } from '../i18n/index.ts'
import { DropZone } from './drop-zone.tsx'
import type { Item } from './item.ts'
import { MakePanel } from './make/make-panel.tsx'
import { SourceList } from './source-list.tsx'
import { items } from './work.ts'

/** The sources, the edit of the chosen one, and what to make of them. */
export function WorkView({ item }: { item: Item }) {
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
