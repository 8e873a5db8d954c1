import { useSignal } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import { t } from '../../i18n/index.ts'
import { Select } from '../../ui/controls.tsx'
import { Icon } from '../../ui/icons.tsx'
import { FILTERS, type ListQuery, ORDERS } from './list-query.ts'

/** While someone types, the list waits this long. */
const TYPING_MS = 250

type Props = { query: ListQuery; onChange: (more: Partial<ListQuery>) => void }

/** Which tasks are listed, and in which order. */
export function ListToolbar({ query: { filter, order, search }, onChange }: Props) {
  const text = useSignal(search)
  useEffect(() => {
    text.value = search
  }, [search])
  useEffect(() => {
    if (text.value === search) return
    const timer = setTimeout(() => onChange({ search: text.value }), TYPING_MS)
    return () => clearTimeout(timer)
  }, [text.value])
  return (
    <search class="toolbar">
      <label class="search">
        <span class="visually-hidden">{t('tasks.search')}</span>
        <Icon name="search" />
        <input
          type="search"
          maxLength={100}
          value={text.value}
          placeholder={t('tasks.search')}
          onInput={(event) => {
            text.value = event.currentTarget.value
          }}
        />
      </label>
      <Select
        label={t('tasks.filter')}
        value={filter}
        options={FILTERS.map((name) => [name, t(`filter.${name}`)] as const)}
        onChange={(filter) => onChange({ filter })}
      />
      <Select
        label={t('tasks.order')}
        value={order}
        options={ORDERS.map((name) => [name, t(`order.${name}`)] as const)}
        onChange={(order) => onChange({ order })}
      />
    </search>
  )
}
