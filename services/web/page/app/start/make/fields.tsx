import type { ComponentChildren } from 'preact'
import { t } from '../../i18n/index.ts'
import { TypedField } from '../../ui/typed-field.tsx'

/** A group of choices that opens; what is chosen stands beside its title. */
export function Section({
  title,
  value,
  children,
}: {
  title: string
  value: string
  children: ComponentChildren
}) {
  return (
    <details class="option">
      <summary>
        <span class="option-title">{title}</span>
        <span class="option-value">{value}</span>
      </summary>
      <div class="option-body">{children}</div>
    </details>
  )
}

type NumberProps = {
  label: string
  /** Undefined for an empty field, where that is allowed. */
  value: number | undefined
  min: number
  max: number
  step?: number
  placeholder?: string
  onChange: (value: number) => void
  /** What an empty field means; without it, the field goes back to its value. */
  onClear?: () => void
}

/** A number within bounds. What is out of them is said, and not taken over. */
export function NumberField({
  label,
  value,
  min,
  max,
  step = 1,
  placeholder,
  onChange,
  onClear,
}: NumberProps) {
  const isValid = (number: number) =>
    number >= min && number <= max && Math.abs(number / step - Math.round(number / step)) < 1e-6
  return (
    <TypedField
      label={label}
      text={value === undefined ? '' : String(value)}
      parse={(text) => {
        const number = Number(text.replace(',', '.'))
        return isValid(number) ? number : undefined
      }}
      note={t(step === 2 ? 'field.evenNumber' : 'field.number', { min, max })}
      placeholder={placeholder}
      onCommit={onChange}
      onClear={onClear}
    />
  )
}

type RangeProps = {
  label: string
  /** From 0 to 1. */
  value: number
  min: number
  onChange: (value: number) => void
}

/** A part of a whole, shown in percent. */
export function PercentSlider({ label, value, min, onChange }: RangeProps) {
  return (
    <label class="field">
      <span class="label label-row">
        {label} <span class="numbers">{Math.round(value * 100)} %</span>
      </span>
      <input
        type="range"
        min={min * 100}
        max={100}
        value={Math.round(value * 100)}
        onInput={(event) => onChange(Number(event.currentTarget.value) / 100)}
      />
    </label>
  )
}

export function Checkbox({
  label,
  checked,
  onChange,
}: {
  label: string
  checked: boolean
  onChange: (checked: boolean) => void
}) {
  return (
    <label class="checkbox">
      <input type="checkbox" checked={checked} onChange={(event) => onChange(event.currentTarget.checked)} />
      <span>{label}</span>
    </label>
  )
}
