import type { FormatName } from '#shared/contract/formats.ts'
import {
  audioOf,
  CODECS,
  CRF,
  codecOf,
  filesOf,
  isAudible,
  isAudio,
  isSplit,
  type OutputChoice,
  SAMPLE_RATES,
  SIZES,
  sampleRatesOf,
} from '../../edit/choices.ts'
import { t } from '../../i18n/index.ts'
import { Select } from '../../ui/controls.tsx'
import { TypedField } from '../../ui/typed-field.tsx'
import { choose } from '../edits.ts'
import { choices } from '../work.ts'
import { NumberField, Section } from './fields.tsx'

/** What the service takes as the name of a file. */
const FILE_NAME = /^[a-z\d][\w-]{0,59}$/i
const CODEC_NAMES = { h264: 'H.264', hevc: 'HEVC', av1: 'AV1', vp9: 'VP9' } as const

type OutputProps = { output: OutputChoice; onChange: (more: Partial<OutputChoice>) => void }

/** The format of a file, and how well it is encoded. */
export function FormatFields({ output, onChange }: OutputProps) {
  const { format, bitrate, crf, quality } = output
  const codec = codecOf(output)
  const scale = codec && CRF[codec]
  const level = bitrate !== undefined ? 'bitrate' : crf !== undefined ? 'crf' : quality
  function chooseLevel(next: typeof level) {
    const start = scale?.[quality === 'auto' ? 'standard' : quality]
    onChange({
      bitrate: next === 'bitrate' ? 4_000 : undefined,
      crf: next === 'crf' ? start : undefined,
      ...(next !== 'bitrate' && next !== 'crf' && { quality: next }),
    })
  }
  return (
    <div class="choices">
      <Select
        label={t('make.format')}
        value={format}
        options={(Object.keys(CODECS) as FormatName[]).map((name) => [name, name.toUpperCase()])}
        onChange={(format) => onChange({ format })}
      />
      {scale && (
        <Select
          label={t('make.quality')}
          value={level}
          options={[
            ['auto', t('make.qualityAuto')],
            ['draft', t('make.qualityDraft')],
            ['standard', t('make.qualityStandard')],
            ['high', t('make.qualityHigh')],
            ['crf', t('make.qualityCrf')],
            ['bitrate', t('make.qualityBitrate')],
          ]}
          onChange={chooseLevel}
        />
      )}
      {scale && level === 'crf' && (
        <NumberField
          label={t('make.crf', scale)}
          value={Math.min(crf ?? 0, scale.max)}
          min={0}
          max={scale.max}
          onChange={(crf) => onChange({ crf })}
        />
      )}
      {scale && level === 'bitrate' && (
        <NumberField
          label={t('make.bitrate')}
          value={bitrate}
          min={50}
          max={200_000}
          onChange={(bitrate) => onChange({ bitrate })}
        />
      )}
      {scale && level === 'crf' && <p class="hint">{t('make.crfHint', scale)}</p>}
    </div>
  )
}

/** The size of a file: that of the frame, or limited. */
export function SizeField({ output: { size }, onChange }: OutputProps) {
  const options = ['source', ...SIZES].map(
    (one) => [String(one), one === 'source' ? t('make.sizeSource') : sizeText(one)] as const,
  )
  return (
    <Select
      label={t('make.size')}
      value={String(size)}
      options={options}
      onChange={(text) => onChange({ size: SIZES.find((one) => String(one) === text) ?? 'source' })}
    />
  )
}

export const sizeText = (size: string | number): string => t('make.sizeAtMost', { size })

const rateText = (rate: number) => `${rate / 1000} kHz`

/** Name, codec and rates of a file. */
export function EncodingFields({ output, onChange }: OutputProps) {
  const { name, format, fps, audioBitrate, sampleRate, channels } = output
  const hasAudio = isAudible(format, audioOf(choices.value))
  const codecs = CODECS[format]
  const codec = codecOf(output)
  const rates = sampleRatesOf(format)
  return (
    <>
      <TypedField
        label={t('make.fileName')}
        text={name ?? ''}
        inputMode="text"
        parse={(text) => (FILE_NAME.test(text.trim()) ? text.trim() : undefined)}
        note={t('make.fileNameNote')}
        placeholder={output === choices.value && isSplit(choices.value) ? 'part' : 'output'}
        onCommit={(name) => onChange({ name })}
        onClear={() => onChange({ name: undefined })}
      />
      {codec && codecs.length > 1 && (
        <Select
          label={t('make.codec')}
          value={codec}
          options={codecs.map((name) => [name, CODEC_NAMES[name]])}
          onChange={(name) => onChange({ codec: name === codecs[0] ? undefined : name })}
        />
      )}
      {!isAudio(format) && (
        <NumberField
          label={t('make.fps')}
          value={fps}
          min={1}
          max={120}
          step={0.001}
          placeholder={t('make.asSource')}
          onChange={(fps) => onChange({ fps })}
          onClear={() => onChange({ fps: undefined })}
        />
      )}
      {hasAudio && format !== 'wav' && (
        <NumberField
          label={t('make.audioBitrate')}
          value={audioBitrate}
          min={8}
          max={format === 'mp3' ? 320 : 512}
          placeholder={t('make.qualityAuto')}
          onChange={(audioBitrate) => onChange({ audioBitrate })}
          onClear={() => onChange({ audioBitrate: undefined })}
        />
      )}
      {hasAudio && (
        <>
          <Select
            label={t('make.sampleRate')}
            value={String(rates.find((rate) => rate === sampleRate) ?? '')}
            options={[
              ['', t('make.qualityAuto')],
              ...rates.map((rate) => [String(rate), rateText(rate)] as const),
            ]}
            onChange={(text) => onChange({ sampleRate: SAMPLE_RATES.find((rate) => String(rate) === text) })}
          />
          <Select
            label={t('make.channels')}
            value={String(channels ?? '')}
            options={[
              ['', t('make.asSource')],
              ['1', t('make.mono')],
              ['2', t('make.stereo')],
            ]}
            onChange={(text) => onChange({ channels: text === '1' ? 1 : text === '2' ? 2 : undefined })}
          />
        </>
      )}
    </>
  )
}

/** What else can be said about the first file: its encoding, and whether it comes in parts. */
export function OutputSection() {
  const { name, format, codec, fps, audioBitrate, sampleRate, channels, split, limit } = choices.value
  const value = [
    ...(name === undefined ? [] : [name]),
    ...(codec && CODECS[format].includes(codec) ? [CODEC_NAMES[codec]] : []),
    ...(fps === undefined ? [] : [t('edit.fps', { fps })]),
    ...(audioBitrate === undefined ? [] : [`${audioBitrate} kbit/s`]),
    ...(sampleRate && sampleRatesOf(format).includes(sampleRate) ? [rateText(sampleRate)] : []),
    ...(channels === undefined ? [] : [t(channels === 1 ? 'make.mono' : 'make.stereo')]),
    ...(split === undefined ? [] : [t('make.partsOf', { seconds: split })]),
    ...(limit === undefined ? [] : [t('make.limited', { seconds: limit })]),
  ].join(' · ')
  return (
    <Section title={t('make.file')} value={value || t('make.qualityAuto')}>
      <div class="choices">
        <EncodingFields output={choices.value} onChange={choose} />
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
  const files = filesOf(choices.value)
  if (files.every(({ format }) => format === 'gif')) return null
  const options = [
    ['keep', t('make.audioKeep')],
    ...(files.some(({ format }) => isAudio(format)) ? [] : [['mute', t('make.audioMute')] as const]),
    ['normalize', t('make.audioNormalize')],
  ] as const
  const shown = audioOf(choices.value)
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
