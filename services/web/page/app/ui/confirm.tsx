import { useSignal } from '@preact/signals'
import { useEffect, useRef } from 'preact/hooks'
import { t } from '../i18n/index.ts'
import { Button } from './controls.tsx'
import type { IconName } from './icons.tsx'

type Props = {
  icon: IconName
  label: string
  question: string
  onConfirm: () => unknown
}

/** A button that asks before it acts. The focus goes to the question and back. */
export function Confirm({ icon, label, question, onConfirm }: Props) {
  const isAsking = useSignal(false)
  const wasAsking = useRef(false)
  const box = useRef<HTMLDivElement>(null)
  useEffect(() => {
    if (isAsking.value) box.current?.querySelector<HTMLElement>('button:last-of-type')?.focus()
    else if (wasAsking.current) box.current?.querySelector('button')?.focus()
    wasAsking.current = isAsking.value
  }, [isAsking.value])
  if (!isAsking.value) {
    return (
      <div ref={box}>
        <Button kind="quiet" icon={icon} onClick={() => (isAsking.value = true)}>
          {label}
        </Button>
      </div>
    )
  }
  return (
    <div
      ref={box}
      class="confirm"
      role="alertdialog"
      aria-label={question}
      onKeyDown={(event) => {
        if (event.key === 'Escape') isAsking.value = false
      }}
    >
      <span>{question}</span>
      <Button
        kind="danger"
        icon={icon}
        onClick={() => {
          isAsking.value = false
          onConfirm()
        }}
      >
        {label}
      </Button>
      <Button onClick={() => (isAsking.value = false)}>{t('task.cancel')}</Button>
    </div>
  )
}
