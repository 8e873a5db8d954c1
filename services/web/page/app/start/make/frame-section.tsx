import { isAudio } from '../../edit/choices.ts'
import { layoutOf, movable } from '../../edit/stage/layout.ts'
import { t } from '../../i18n/index.ts'
import { Select } from '../../ui/controls.tsx'
import { choose } from '../edits.ts'
import { choices, current } from '../work.ts'
import { Checkbox, NumberField, PercentSlider, Section } from './fields.tsx'
import { SizeField, sizeText } from './output-section.tsx'

const SHAPES = () =>
  [
    ['keep', t('make.shapeKeep')],
    ['16:9', t('make.shapeWide')],
    ['9:16', t('make.shapeTall')],
    ['1:1', t('make.shapeSquare')],
    ['4:5', t('make.shapePortrait')],
    ['4:3', '4:3'],
    ['custom', t('make.shapeCustom')],
  ] as const
const FITS = () =>
  [
    ['pad', t('make.fitPad')],
    ['blur', t('make.fitBlur')],
    ['crop', t('make.fitCrop')],
    ['stretch', t('make.fitFill')],
  ] as const

const textOf = <T,>(options: readonly (readonly [T, string])[], value: T) =>
  options.find(([option]) => option === value)?.[1] ?? ''

/** Shape and size of the frame, and what happens to what does not fit: shown on the video at once. */
export function FrameSection() {
  const { shape, fit, size, width, height, background, upscale } = choices.value
  const hasFrame = shape !== 'keep'
  const value = [
    shape === 'custom' ? `${width}×${height}` : textOf(SHAPES(), shape),
    ...(hasFrame ? [textOf(FITS(), fit)] : []),
    ...(size === 'source' ? [] : [sizeText(size)]),
  ].join(' · ')
  return (
    <Section title={t('make.frame')} value={value}>
      <div class="choices">
        <Select
          label={t('make.shape')}
          value={shape}
          options={SHAPES()}
          onChange={(shape) => choose({ shape })}
        />
        {hasFrame && (
          <Select label={t('make.fit')} value={fit} options={FITS()} onChange={(fit) => choose({ fit })} />
        )}
        {shape === 'custom' && (
          <>
            <NumberField
              label={t('make.width')}
              value={width}
              min={16}
              max={4096}
              step={2}
              onChange={(width) => choose({ width })}
            />
            <NumberField
              label={t('make.height')}
              value={height}
              min={16}
              max={4096}
              step={2}
              onChange={(height) => choose({ height })}
            />
          </>
        )}
        {hasFrame && fit === 'crop' && <CropPosition />}
        {hasFrame && fit === 'pad' && (
          <label class="field">
            <span class="label">{t('make.background')}</span>
            <input
              type="color"
              value={background}
              onInput={(event) => choose({ background: event.currentTarget.value }, 'background')}
            />
          </label>
        )}
        {!isAudio(choices.value.format) && <SizeField output={choices.value} onChange={choose} />}
      </div>
      {shape === 'custom' && (
        <Checkbox label={t('make.upscale')} checked={upscale} onChange={(upscale) => choose({ upscale })} />
      )}
    </Section>
  )
}

/** Which part is kept, in the directions in which something is cut off; the video can be dragged in its frame, too. */
function CropPosition() {
  const { position } = choices.value
  const size = current.value?.videoSize.value
  const directions = size ? movable(layoutOf(choices.value, size)) : { x: true, y: true }
  return (
    <>
      {(['x', 'y'] as const).map(
        (axis) =>
          directions[axis] && (
            <PercentSlider
              key={axis}
              label={t(axis === 'x' ? 'make.positionX' : 'make.positionY')}
              value={position[axis]}
              min={0}
              onChange={(share) => choose({ position: { ...position, [axis]: share } }, `crop ${axis}`)}
            />
          ),
      )}
    </>
  )
}
