import { useSignal } from '@preact/signals'
import { useEffect, useId, useRef } from 'preact/hooks'
import { t } from '../i18n/index.ts'
import { Button } from '../ui/controls.tsx'
import { Icon } from '../ui/icons.tsx'
import { urlsIn } from './urls.ts'
import { addFiles, addUrls } from './work.ts'

/** Takes files that are dropped anywhere on the page, chosen or pasted, and links. */
export function DropZone({ compact = false }: { compact?: boolean }) {
  const isOver = useSignal(false)
  const text = useSignal('')
  const isInvalid = useSignal(false)
  const chooser = useRef<HTMLInputElement>(null)
  const id = useId()

  useEffect(() => onDropOrPaste((over) => (isOver.value = over)), [])

  function addLinks(event: SubmitEvent) {
    event.preventDefault()
    const urls = urlsIn(text.value)
    isInvalid.value = !urls
    if (!urls) return
    addUrls(urls)
    text.value = ''
  }

  return (
    <div class={`drop-zone ${compact ? 'compact' : ''} ${isOver.value ? 'over' : ''}`}>
      {!compact && <Icon name="upload" />}
      <p class="drop-text">
        {!compact && <strong>{t(isOver.value ? 'start.dropActive' : 'start.drop')}</strong>}
        {!compact && <span class="muted">{t('start.or')}</span>}
        <Button
          kind={compact ? 'quiet' : 'primary'}
          icon={compact ? 'upload' : 'film'}
          onClick={() => chooser.current?.click()}
        >
          {t(compact ? 'start.more' : 'start.choose')}
        </Button>
      </p>
      <input
        ref={chooser}
        class="visually-hidden"
        type="file"
        accept="video/*,audio/*,.mkv,.mov,.avi,.mxf,.ts,.mts"
        multiple
        tabIndex={-1}
        aria-hidden="true"
        onChange={(event) => {
          addFiles(event.currentTarget.files ?? [])
          event.currentTarget.value = ''
        }}
      />
      <form class="link-form" onSubmit={addLinks} noValidate>
        <label class="visually-hidden" htmlFor={id}>
          {t('start.url')}
        </label>
        <input
          id={id}
          type="text"
          inputMode="url"
          autocapitalize="none"
          spellcheck={false}
          value={text.value}
          placeholder={t('start.urlPlaceholder')}
          aria-invalid={isInvalid.value}
          aria-describedby={isInvalid.value ? `${id}-note` : undefined}
          onInput={(event) => {
            text.value = event.currentTarget.value
            isInvalid.value = false
          }}
        />
        <Button type="submit" icon="link">
          {t('start.add')}
        </Button>
      </form>
      {isInvalid.value && (
        <p id={`${id}-note`} class="field-error" role="alert">
          {t('start.urlInvalid')}
        </p>
      )}
      {!compact && <p class="hint">{t('start.hint')}</p>}
    </div>
  )
}

/** Returns what ends it. */
function onDropOrPaste(setOver: (over: boolean) => void): () => void {
  const stop = new AbortController()
  const { signal } = stop
  addEventListener(
    'dragover',
    (event) => {
      if (!event.dataTransfer?.types.includes('Files')) return
      event.preventDefault()
      setOver(true)
    },
    { signal },
  )
  addEventListener('dragleave', (event) => !event.relatedTarget && setOver(false), { signal })
  addEventListener(
    'drop',
    (event) => {
      event.preventDefault()
      setOver(false)
      addFiles(event.dataTransfer?.files ?? [])
    },
    { signal },
  )
  addEventListener(
    'paste',
    (event) => {
      const files = event.clipboardData?.files
      if (files && files.length > 0) return addFiles(files)
      if (event.target instanceof HTMLInputElement) return
      const urls = urlsIn(event.clipboardData?.getData('text') ?? '')
      if (urls) addUrls(urls)
    },
    { signal },
  )
  return () => stop.abort()
}
