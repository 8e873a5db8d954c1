import type { FormatName } from '#shared/contract/formats.ts'
import { CODECS, isAudible, isAudio } from '../../edit/choices.ts'
import { t } from '../../i18n/index.ts'
import { Select } from '../../ui/controls.tsx'
import { choose } from '../edits.ts'
import { choices } from '../work.ts'
import { NumberField, Section } from './fields.tsx'

const CODEC_NAMES = { h264: 'H.264', hevc: 'HEVC', av1: 'AV1', vp9: 'VP9' } as const

/** Always shown: the format, and how well it is encoded. */
export function FormatFields() {
  const { format, quality } = choices.value
  return (
    <div class="choices">
      <Select
        label={t('make.format')}
        value={format}
        options={(Object.keys(CODECS) as FormatName[]).map((name) => [name, name.toUpperCase()])}
        onChange={(format) => choose({ format })}
      />
      {CODECS[format].length > 0 && (
        <Select
          label={t('make.quality')}
          value={quality}
          options={[
            ['auto', t('make.qualityAuto')],
            ['draft', t('make.qualityDraft')],
            ['standard', t('make.qualityStandard')],
            ['high', t('make.qualityHigh')],
          ]}
          onChange={(quality) => choose({ quality })}
        />
      )}
    </div>
  )
}

/** What else can be said about the file: codec, rates, and whether it comes in parts. */
export function OutputSection() {
  const { format, codec, fps, audioBitrate, split, limit } = choices.value
  const hasVideo = !isAudio(format)
  const codecs = CODECS[format]
  const value = [
    ...(codec && codecs.includes(codec) ? [CODEC_NAMES[codec]] : []),
    ...(fps === undefined ? [] : [t('edit.fps', { fps })]),
    ...(audioBitrate === undefined ? [] : [`${audioBitrate} kbit/s`]),
    ...(split === undefined ? [] : [t('make.partsOf', { seconds: split })]),
    ...(limit === undefined ? [] : [t('make.limited', { seconds: limit })]),
  ].join(' · ')
  return (
    <Section title={t('make.file')} value={value || t('make.qualityAuto')}>
      <div class="choices">
        {codecs.length > 1 && (
          <Select
            label={t('make.codec')}
            value={codec && codecs.includes(codec) ? codec : (codecs[0] ?? 'h264')}
            options={codecs.map((name) => [name, CODEC_NAMES[name]])}
            onChange={(name) => choose({ codec: name === codecs[0] ? undefined : name })}
          />
        )}
        {hasVideo && (
          <NumberField
            label={t('make.fps')}
            value={fps}
            min={1}
            max={120}
            step={0.001}
            placeholder={t('make.asSource')}
            onChange={(fps) => choose({ fps })}
            onClear={() => choose({ fps: undefined })}
          />
        )}
        {isAudible(choices.value) && format !== 'wav' && (
          <NumberField
            label={t('make.audioBitrate')}
            value={audioBitrate}
            min={8}
            max={format === 'mp3' ? 320 : 512}
            placeholder={t('make.qualityAuto')}
            onChange={(audioBitrate) => choose({ audioBitrate })}
            onClear={() => choose({ audioBitrate: undefined })}
          />
        )}
        {format !== 'gif' && (
          <NumberField
            label={t('make.split')}
            value={split}
            min={1}
            max={3600}
            step={0.1}
            placeholder={t('make.oneFile')}
            onChange={(split) => choose({ split })}
            onClear={() => choose({ split: undefined })}
          />
        )}
        <NumberField
          label={t('make.limit')}
          value={limit}
          min={0.1}
          max={86_400}
          step={0.1}
          placeholder={t('make.noLimit')}
          onChange={(limit) => choose({ limit })}
          onClear={() => choose({ limit: undefined })}
        />
      </div>
    </Section>
  )
}

/** What happens to the sound. */
export function SoundSection() {
  const { format, audio } = choices.value
  if (format === 'gif') return null
  const options = [
    ['keep', t('make.audioKeep')],
    ...(isAudio(format) ? [] : [['mute', t('make.audioMute')] as const]),
    ['normalize', t('make.audioNormalize')],
  ] as const
  const shown = options.some(([name]) => name === audio) ? audio : 'keep'
  return (
    <Section title={t('make.audio')} value={options.find(([name]) => name === shown)?.[1] ?? ''}>
      <Select
        label={t('make.audio')}
        value={shown}
        options={options}
        onChange={(audio) => choose({ audio })}
      />
      {shown === 'normalize' && <p class="hint">{t('make.audioNormalizeHint')}</p>}
    </Section>
  )
}
