import { useSignal } from '@preact/signals'
import type { ApiError } from '#client/core.ts'
import { exportAccount } from '../api/account.ts'
import { apiError } from '../api/request.ts'
import { t } from '../i18n/index.ts'
import { Button, Notice } from '../ui/controls.tsx'
import { errorText } from '../ui/error-text.ts'
import { saveAs } from '../ui/save-as.ts'
import { Panel } from './panel.tsx'

export function ExportAccount() {
  const isBusy = useSignal(false)
  const error = useSignal<ApiError | undefined>(undefined)
  async function download() {
    isBusy.value = true
    error.value = undefined
    try {
      const url = URL.createObjectURL(await exportAccount())
      saveAs(url, 'cutroom-account.json')
      URL.revokeObjectURL(url)
    } catch (thrown) {
      error.value = apiError(thrown)
    } finally {
      isBusy.value = false
    }
  }
  return (
    <Panel title={t('settings.export')} text={t('settings.exportText')}>
      {error.value && <Notice>{errorText(error.value)}</Notice>}
      <div>
        <Button icon="download" onClick={download} disabled={isBusy.value}>
          {t('settings.exportGo')}
        </Button>
      </div>
    </Panel>
  )
}
