import { useId, useState } from 'preact/hooks'

type Props<Value> = {
  label: string
  /** The value as text; empty when there is none. */
  text: string
  /** Undefined for a text that is not valid. */
  parse: (text: string) => Value | undefined
  /** Shown while the typed text is not valid. */
  note: string
  class?: string
  /** The keyboard on a touch screen. */
  inputMode?: 'text'
  placeholder?: string | undefined
  onCommit: (value: Value) => void
  /** What an empty field means; without it, the field goes back to its value. */
  onClear?: (() => void) | undefined
}

/** A typed value, taken over with Enter or when the field is left. An invalid one is marked and not taken over. */
export function TypedField<Value>(props: Props<Value>) {
  const {
    label,
    text,
    parse,
    note,
    class: name = '',
    inputMode = 'decimal',
    placeholder,
    onCommit,
    onClear,
  } = props
  const id = useId()
  const [typed, setTyped] = useState<string | undefined>(undefined)
  const isEmpty = typed === undefined || typed.trim() === ''
  const value = isEmpty ? undefined : parse(typed)
  const isInvalid = !isEmpty && value === undefined
  function commit() {
    if (typed === undefined || isInvalid) return
    if (value !== undefined) onCommit(value)
    else onClear?.()
    setTyped(undefined)
  }
  return (
    <div class={`field ${name}`}>
      <label class="label" htmlFor={id}>
        {label}
      </label>
      <input
        id={id}
        class="numbers"
        type="text"
        inputMode={inputMode}
        autocomplete="off"
        value={typed ?? text}
        placeholder={placeholder}
        aria-invalid={isInvalid}
        aria-describedby={isInvalid ? `${id}-note` : undefined}
        onInput={(event) => setTyped(event.currentTarget.value)}
        onChange={commit}
        onKeyDown={(event) => event.key === 'Enter' && commit()}
      />
      {isInvalid && (
        <p id={`${id}-note`} class="field-error">
          {note}
        </p>
      )}
    </div>
  )
}
