import { useEffect, useRef } from 'preact/hooks'
import { t } from '../i18n/index.ts'
import { Button } from '../ui/controls.tsx'
import { COMBINATIONS, SHORTCUTS } from './keys.ts'

/** Every shortcut, from the table that the handlers use. Escape and `?` close it. */
export function KeysDialog({ onClose }: { onClose: () => void }) {
  const dialog = useRef<HTMLDialogElement>(null)
  useEffect(() => dialog.current?.showModal(), [])
  return (
    <dialog
      ref={dialog}
      class="card"
      aria-labelledby="keys-title"
      onClose={onClose}
      onKeyDown={(event) => event.key === '?' && dialog.current?.close()}
      onClick={(event) => event.target === dialog.current && dialog.current?.close()}
    >
      <h2 id="keys-title">{t('keys.title')}</h2>
      <dl class="keys">
        {[...SHORTCUTS, ...COMBINATIONS].map(({ label, text }) => (
          <div key={label.join()}>
            <dt>
              {label.map((key) => (
                <kbd key={key}>{key}</kbd>
              ))}
            </dt>
            <dd>{t(text)}</dd>
          </div>
        ))}
      </dl>
      <Button onClick={() => dialog.current?.close()}>{t('keys.close')}</Button>
    </dialog>
  )
}
