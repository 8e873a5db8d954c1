import { useEffect, useRef } from 'preact/hooks'
import { t } from '../i18n/index.ts'
import { Button } from '../ui/controls.tsx'
import { COMBINATIONS, SHORTCUTS } from './keys.ts'

/** What each action is, with the keys that lead to it. */
const SHORTCUTS_BY_ACTION = [...Map.groupBy([...SHORTCUTS, ...COMBINATIONS], ({ text }) => text)].map(
  ([text, shortcuts]) => ({ text, labels: shortcuts.map(({ label }) => label) }),
)

/** Every shortcut, from the table that the handlers use. Escape and `?` close it. */
export function KeysDialog({ onClose }: { onClose: () => void }) {
  const dialog = useRef<HTMLDialogElement>(null)
  useEffect(() => {
    dialog.current?.showModal()
    // Not the button at its end, where the list would begin on a small screen: the browser has scrolled there.
    dialog.current?.focus()
    dialog.current?.scrollTo(0, 0)
  }, [])
  return (
    <dialog
      ref={dialog}
      class="card"
      tabIndex={-1}
      aria-labelledby="keys-title"
      onClose={onClose}
      onKeyDown={(event) => event.key === '?' && dialog.current?.close()}
      onClick={(event) => event.target === dialog.current && dialog.current?.close()}
    >
      <h2 id="keys-title">{t('keys.title')}</h2>
      <dl class="keys">
        {SHORTCUTS_BY_ACTION.map(({ labels, text }) => (
          <div key={text}>
            <dt>
              {labels.map((label) => (
                <span key={label.join()}>
                  {label.map((key) => (
                    <kbd key={key}>{key}</kbd>
                  ))}
                </span>
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
