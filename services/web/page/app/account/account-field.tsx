import { useId, useState } from 'preact/hooks'
import { isText, t } from '../i18n/index.ts'

type Props = {
  name: string
  label: string
  value: string
  type?: 'text' | 'email' | 'password'
  autocomplete: 'username' | 'email' | 'current-password' | 'new-password' | 'off'
  hint?: string
  error: string | undefined
  onInput: (value: string) => void
}

/** An input with its label, its hint, and its error, which screen readers read together. */
export function AccountField({
  name,
  label,
  value,
  type = 'text',
  autocomplete,
  hint,
  error,
  onInput,
}: Props) {
  const id = useId()
  const [isShown, setShown] = useState(false)
  const note = error ? (isText(error) ? t(error) : error) : hint
  return (
    <div class="field">
      <div class="label-row">
        <label class="label" htmlFor={id}>
          {label}
        </label>
        {type === 'password' && (
          <button
            type="button"
            class="text-button small"
            aria-pressed={isShown}
            onClick={() => setShown(!isShown)}
          >
            {t(isShown ? 'account.hide' : 'account.show')}
          </button>
        )}
      </div>
      <input
        id={id}
        name={name}
        type={(type === 'password' && isShown ? 'text' : type) as 'text'}
        value={value}
        autocomplete={autocomplete}
        autocapitalize="none"
        spellcheck={false}
        aria-invalid={error !== undefined}
        aria-describedby={note ? `${id}-note` : undefined}
        onInput={(event) => onInput(event.currentTarget.value)}
      />
      {note && (
        <p id={`${id}-note`} class={error ? 'field-error' : 'hint'}>
          {note}
        </p>
      )}
    </div>
  )
}
