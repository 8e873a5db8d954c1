import { useSignal } from '@preact/signals'
import type { Scope } from '#shared/contract/accounts/scopes.ts'
import { AccountField } from '../account/account-field.tsx'
import { useForm } from '../account/use-form.tsx'
import { createKey, type NewApiKey } from '../api/account.ts'
import { t } from '../i18n/index.ts'
import { Button, Select } from '../ui/controls.tsx'

const ALL_SCOPES: Scope[] = ['tasks:read', 'tasks:write', 'account']
const DAY_S = 86_400

/** Names a new key, and chooses what it may do and until when. */
export function KeyForm({ onCreated }: { onCreated: (key: NewApiKey) => void }) {
  const scopes = useSignal<Scope[]>(['tasks:read', 'tasks:write'])
  const days = useSignal<'30' | '90' | '365' | ''>('90')
  const form = useForm(
    { name: '' },
    {
      check: ({ name }) => (name.trim() === '' ? { name: 'field.required' } : {}),
      async send({ name }) {
        const lifetime = days.value && { expires_in: Number(days.value) * DAY_S }
        onCreated(await createKey({ name, scopes: scopes.value, ...lifetime }))
        form.reset()
      },
    },
  )
  const toggle = (scope: Scope) => {
    scopes.value = ALL_SCOPES.filter((one) => (one === scope) !== scopes.value.includes(one))
  }
  return (
    <form class="fields" onSubmit={form.submit} ref={form.ref} noValidate>
      {form.notice}
      <AccountField
        {...form.field('name')}
        label={t('keys.name')}
        autocomplete="off"
        hint={t('keys.nameHint')}
      />
      <fieldset class="checks">
        <legend class="label">{t('keys.scopes')}</legend>
        {ALL_SCOPES.map((scope) => (
          <label key={scope} class="check">
            <input type="checkbox" checked={scopes.value.includes(scope)} onChange={() => toggle(scope)} />
            <span>
              {t(`scope.${scope}`)}
              <span class="hint">{t(`scopeText.${scope}`)}</span>
            </span>
          </label>
        ))}
      </fieldset>
      <Select
        label={t('keys.expiry')}
        value={days.value}
        options={[
          ['30', t('keys.days', { days: 30 })],
          ['90', t('keys.days', { days: 90 })],
          ['365', t('keys.days', { days: 365 })],
          ['', t('keys.never')],
        ]}
        onChange={(value) => (days.value = value)}
      />
      <Button type="submit" icon="key" disabled={form.isBusy.value || scopes.value.length === 0}>
        {t('keys.create')}
      </Button>
    </form>
  )
}
