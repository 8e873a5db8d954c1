import { isSplit } from '../../edit/choices.ts'
import { t } from '../../i18n/index.ts'
import { choose } from '../edits.ts'
import { choices } from '../work.ts'
import { Checkbox, NumberField, Section } from './fields.tsx'

/** The service's own defaults. */
const DEFAULTS = {
  poster: { at: 0, width: 640 },
  stills: { count: 10, width: 320 },
  sprite: { count: 25, columns: 5, width: 160 },
} as const

type Kind = keyof typeof DEFAULTS

const BOUNDS = {
  at: { min: 0, max: 86_400, step: 0.001 },
  count: { min: 1, max: 50 },
  columns: { min: 1, max: 20 },
  width: { min: 16, max: 1920, step: 2 },
} as const

/** Images from the result: a poster, single ones, and a sheet that players show while one seeks. */
export function ThumbnailsSection() {
  const { thumbnails = {} } = choices.value
  const kinds = Object.keys(DEFAULTS) as Kind[]
  const set = (kind: Kind, value: object | undefined) => {
    const { [kind]: _, ...others } = thumbnails
    const next = value ? { ...others, [kind]: value } : others
    choose({ thumbnails: Object.keys(next).length > 0 ? next : undefined })
  }
  const value = kinds.filter((kind) => thumbnails[kind]).map((kind) => t(`thumbnails.${kind}`))
  return (
    <Section title={t('make.thumbnails')} value={value.join(' · ') || t('make.none')}>
      {isSplit(choices.value) ? (
        <p class="hint">{t('make.notWithParts')}</p>
      ) : (
        kinds.map((kind) => {
          const chosen: Record<string, number> | undefined = thumbnails[kind]
          return (
            <div class="bumper" key={kind}>
              <Checkbox
                label={t(`thumbnails.${kind}`)}
                checked={chosen !== undefined}
                onChange={(checked) => set(kind, checked ? DEFAULTS[kind] : undefined)}
              />
              {chosen && (
                <div class="choices">
                  {(Object.keys(DEFAULTS[kind]) as (keyof typeof BOUNDS)[]).map((field) => (
                    <NumberField
                      key={field}
                      label={t(`thumbnails.${field}`)}
                      value={chosen[field]}
                      {...BOUNDS[field]}
                      {...(kind === 'sprite' && field === 'count' && { max: 200 })}
                      onChange={(number) => set(kind, { ...chosen, [field]: number })}
                    />
                  ))}
                </div>
              )}
            </div>
          )
        })
      )}
    </Section>
  )
}
