import type { ComponentChildren } from 'preact'
import { useState } from 'preact/hooks'
import { t } from '../i18n/index.ts'
import { Icon, type IconName } from './icons.tsx'

type ButtonProps = {
  onClick?: () => void
  icon?: IconName
  kind?: 'primary' | 'quiet' | 'danger'
  type?: 'button' | 'submit'
  disabled?: boolean
  /** Its name for screen readers, where what is shown says too little. */
  label?: string
  children: ComponentChildren
}

export function Button({
  onClick,
  icon,
  kind,
  type = 'button',
  disabled = false,
  label,
  children,
}: ButtonProps) {
  return (
    <button
      type={type}
      class={`button ${kind ?? ''}`}
      aria-label={label}
      onClick={onClick}
      disabled={disabled}
    >
      {icon && <Icon name={icon} />}
      <span>{children}</span>
    </button>
  )
}

/** A button that shows its icon alone; the label is its name, and its tooltip. */
export function IconButton({
  icon,
  label,
  onClick,
  disabled = false,
}: {
  icon: IconName
  label: string
  onClick: () => void
  disabled?: boolean
}) {
  return (
    <button
      type="button"
      class="icon-button"
      aria-label={label}
      title={label}
      onClick={onClick}
      disabled={disabled}
    >
      <Icon name={icon} />
    </button>
  )
}

/** Copies a text, and says so for a moment. */
export function CopyButton({
  text,
  children,
}: {
  text: string | (() => Promise<string>)
  children: ComponentChildren
}) {
  const [isCopied, setCopied] = useState(false)
  async function copy() {
    const value = typeof text === 'string' ? text : await text()
    await navigator.clipboard.writeText(value)
    setCopied(true)
    setTimeout(() => setCopied(false), 2_000)
  }
  return (
    <Button onClick={copy} icon={isCopied ? 'check' : 'copy'}>
      <span aria-live="polite">{isCopied ? t('copy.done') : children}</span>
    </Button>
  )
}

type SelectProps<T extends string> = {
  label: string
  value: T
  options: readonly (readonly [value: T, text: string])[]
  onChange: (value: T) => void
}

export function Select<T extends string>({ label, value, options, onChange }: SelectProps<T>) {
  return (
    <label class="field">
      <span class="label">{label}</span>
      <select value={value} onChange={(event) => onChange(event.currentTarget.value as T)}>
        {options.map(([option, text]) => (
          <option key={option} value={option}>
            {text}
          </option>
        ))}
      </select>
    </label>
  )
}

export function Progress({ label, percent }: { label: string; percent: number }) {
  return (
    <div
      class="progress"
      role="progressbar"
      aria-label={label}
      aria-valuenow={Math.round(percent)}
      aria-valuemin={0}
      aria-valuemax={100}
    >
      <div class="bar" style={{ width: `${percent}%` }} />
    </div>
  )
}

/** Code or output that may scroll. */
export function Code({ children }: { children: string }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached with the keyboard.
    <pre tabIndex={0}>{children}</pre>
  )
}

/** Something went wrong, or needs to be known. Read out at once. */
export function Notice({
  kind = 'error',
  children,
}: {
  kind?: 'error' | 'info'
  children: ComponentChildren
}) {
  return (
    <div class={`notice ${kind}`} role={kind === 'error' ? 'alert' : 'status'}>
      <Icon name={kind === 'error' ? 'alert' : 'info'} />
      <div>{children}</div>
    </div>
  )
}
