import { t } from '../i18n/index.ts'
import type { Item } from './item.ts'

/** The request headers of a link that an earlier task was made from: their values are not given out, so they are entered anew. */
export function HeaderFields({ item: { headers } }: { item: Item }) {
  const names = Object.keys(headers.value)
  if (names.length === 0) return null
  return (
    <fieldset class="headers">
      <legend>{t('headers.title')}</legend>
      <p class="hint">{t('headers.text')}</p>
      {names.map((name) => (
        <label class="field" key={name}>
          <span class="label">{name}</span>
          <input
            type="password"
            autocomplete="off"
            value={headers.value[name] ?? ''}
            onInput={({ currentTarget: { value } }) =>
              (headers.value = { ...headers.value, [name]: value.trim() })
            }
          />
        </label>
      ))}
      <button type="button" class="text-button" onClick={() => (headers.value = {})}>
        {t('again.drop')}
      </button>
    </fieldset>
  )
}
