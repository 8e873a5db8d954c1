import { useRef } from 'preact/hooks'
import { t } from '../../i18n/index.ts'
import { Button, IconButton, Progress } from '../../ui/controls.tsx'
import { errorText } from '../../ui/error-text.ts'
import { type Asset, newAsset } from '../asset.ts'

const ACCEPTED = { image: 'image/png,image/jpeg,image/webp', clip: 'video/*' }

type Props = {
  kind: keyof typeof ACCEPTED
  asset: Asset | undefined
  onChange: (asset: Asset) => void
  onRemove?: () => void
}

/** Chooses an image or clip of one's own, and shows how far its upload is. */
export function AssetField({ kind, asset, onChange, onRemove }: Props) {
  const chooser = useRef<HTMLInputElement>(null)
  const { upload } = asset ?? {}
  const isSending = upload && upload.state.value !== 'complete' && upload.state.value !== 'failed'
  return (
    <div class="asset">
      {asset?.src.value && kind === 'image' && <img src={asset.src.value} alt="" />}
      {asset && <span class="name">{asset.name}</span>}
      <Button icon="upload" onClick={() => chooser.current?.click()}>
        {t(asset ? 'asset.replace' : kind === 'image' ? 'asset.image' : 'asset.clip')}
      </Button>
      {asset && onRemove && <IconButton icon="close" label={t('asset.remove')} onClick={onRemove} />}
      <input
        ref={chooser}
        class="visually-hidden"
        type="file"
        accept={ACCEPTED[kind]}
        tabIndex={-1}
        aria-hidden="true"
        onChange={({ currentTarget }) => {
          const file = currentTarget.files?.[0]
          currentTarget.value = ''
          if (file) onChange(newAsset(file))
        }}
      />
      {asset && isSending && (
        <Progress
          label={t('upload.progress', { name: asset.name })}
          percent={(asset.upload.sent.value / Math.max(1, asset.file?.size ?? 1)) * 100}
        />
      )}
      {upload?.state.value === 'failed' && (
        <p class="field-error">{upload.error.value ? errorText(upload.error.value) : t('upload.failed')}</p>
      )}
    </div>
  )
}
