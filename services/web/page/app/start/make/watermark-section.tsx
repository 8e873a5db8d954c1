import type { WatermarkChoice } from '../../edit/choices.ts'
import { t } from '../../i18n/index.ts'
import { Select } from '../../ui/controls.tsx'
import type { Asset } from '../asset.ts'
import { choose } from '../edits.ts'
import { choices } from '../work.ts'
import { AssetField } from './asset-field.tsx'
import { NumberField, PercentSlider, Section } from './fields.tsx'

const DEFAULTS = { corner: 'bottom_right', margin: 16, opacity: 1, width: 0.15 } as const

/** An image on top of the video; it can be dragged from corner to corner there, too. */
export function WatermarkSection() {
  const { watermark } = choices.value
  const change = (more: Partial<WatermarkChoice<Asset>>, kind?: string) =>
    watermark && choose({ watermark: { ...watermark, ...more } }, kind)
  return (
    <Section title={t('make.watermark')} value={watermark ? t(`corner.${watermark.corner}`) : t('make.none')}>
      <AssetField
        kind="image"
        asset={watermark?.image}
        onChange={(image) => choose({ watermark: { ...(watermark ?? DEFAULTS), image } })}
        onRemove={() => choose({ watermark: undefined })}
      />
      {watermark && (
        <div class="choices">
          <Select
            label={t('make.corner')}
            value={watermark.corner}
            options={(['top_left', 'top_right', 'bottom_left', 'bottom_right'] as const).map((corner) => [
              corner,
              t(`corner.${corner}`),
            ])}
            onChange={(corner) => change({ corner })}
          />
          <NumberField
            label={t('make.margin')}
            value={watermark.margin}
            min={0}
            max={1000}
            onChange={(margin) => change({ margin })}
          />
          <PercentSlider
            label={t('make.watermarkWidth')}
            value={watermark.width}
            min={0.01}
            onChange={(width) => change({ width }, 'watermark width')}
          />
          <PercentSlider
            label={t('make.opacity')}
            value={watermark.opacity}
            min={0}
            onChange={(opacity) => change({ opacity }, 'opacity')}
          />
        </div>
      )}
    </Section>
  )
}
