import { signal } from '@preact/signals'
import type { ComponentType } from 'preact'
import { useEffect } from 'preact/hooks'
import { t } from '../i18n/index.ts'
import { Button, Notice } from './controls.tsx'

/** A view that is loaded when it is shown first, so that those who never open it do not wait for it. */
export function lazy<Props extends object>(load: () => Promise<ComponentType<Props>>): ComponentType<Props> {
  const loaded = signal<{ View: ComponentType<Props> } | undefined>(undefined)
  const hasFailed = signal(false)
  function start() {
    hasFailed.value = false
    load()
      .then((View) => (loaded.value = { View }))
      .catch(() => (hasFailed.value = true))
  }
  return function Lazy(props: Props) {
    useEffect(() => {
      if (!loaded.value) start()
    }, [])
    if (loaded.value) return <loaded.value.View {...props} />
    if (!hasFailed.value) return <div class="skeleton tall" role="status" aria-label={t('tasks.loading')} />
    return (
      <Notice>
        <p>{t('error.connection_failed')}</p>
        {/* The whole page: after an update of the service, its files have other names. */}
        <Button icon="retry" onClick={() => location.reload()}>
          {t('ui.reload')}
        </Button>
      </Notice>
    )
  }
}
