import type { ComponentChildren } from 'preact'
import { useId } from 'preact/hooks'
import { t } from '../i18n/index.ts'
import { Notice } from '../ui/controls.tsx'
import { errorText } from '../ui/error-text.ts'
import type { Remote } from '../ui/use-remote.ts'

type PanelProps = { title: string; text?: string; children: ComponentChildren }

/** A part of the account page. */
export function Panel({ title, text, children }: PanelProps) {
  const id = useId()
  return (
    <section class="card panel" aria-labelledby={id}>
      <div>
        <h2 id={id}>{title}</h2>
        {text && <p class="hint">{text}</p>}
      </div>
      {children}
    </section>
  )
}

/** What was loaded, or that it is being loaded, or why it could not be. */
export function Loaded<T>({
  remote: { value, error },
  children,
}: {
  remote: Pick<Remote<T>, 'value' | 'error'>
  children: (value: T) => ComponentChildren
}) {
  return (
    <>
      {error.value && <Notice>{errorText(error.value)}</Notice>}
      {value.value === undefined
        ? !error.value && <div class="skeleton" role="status" aria-label={t('tasks.loading')} />
        : children(value.value)}
    </>
  )
}
