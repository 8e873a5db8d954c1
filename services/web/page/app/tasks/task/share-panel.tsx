import { useSignal } from '@preact/signals'
import type { ApiError } from '#client/core.ts'
import type { OutputLink } from '#shared/contract/outputs/links.ts'
import { linkOutput } from '../../api/operations.ts'
import { apiError } from '../../api/request.ts'
import { formatDate, t } from '../../i18n/index.ts'
import { Button, CopyButton, Notice, Select } from '../../ui/controls.tsx'
import { errorText } from '../../ui/error-text.ts'

const LIFETIMES = [
  ['3600', 'share.hour'],
  ['86400', 'share.day'],
  ['604800', 'share.week'],
] as const

/** Creates a link for other people, which ends by itself. */
export function SharePanel({ id, name }: { id: string; name: string }) {
  const seconds = useSignal<(typeof LIFETIMES)[number][0]>('86400')
  const link = useSignal<OutputLink | undefined>(undefined)
  const error = useSignal<ApiError | undefined>(undefined)
  async function create() {
    try {
      link.value = await linkOutput(id, name, Number(seconds.value))
      error.value = undefined
    } catch (thrown) {
      error.value = apiError(thrown)
    }
  }
  return (
    <div class="share">
      <Select
        label={t('share.lifetime')}
        value={seconds.value}
        options={LIFETIMES.map(([value, text]) => [value, t(text)] as const)}
        onChange={(value) => {
          seconds.value = value
          link.value = undefined
        }}
      />
      {link.value ? (
        <>
          <input
            readOnly
            aria-label={t('share.link')}
            value={link.value.url}
            onFocus={(event) => event.currentTarget.select()}
          />
          <CopyButton text={link.value.url}>{t('share.copy')}</CopyButton>
          <p class="hint" role="status">
            {t('share.until', { date: formatDate(link.value.expires_at) })}
          </p>
        </>
      ) : (
        <Button icon="link" onClick={create}>
          {t('share.create')}
        </Button>
      )}
      {error.value && <Notice>{errorText(error.value)}</Notice>}
    </div>
  )
}
