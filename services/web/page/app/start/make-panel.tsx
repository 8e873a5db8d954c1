import type { PresetName } from '#shared/contract/presets.ts'
import { isAudio, toCurl } from '../edit/task-body.ts'
import { type Text, t } from '../i18n/index.ts'
import { Button, Code, CopyButton, Notice, Select } from '../ui/controls.tsx'
import { errorText } from '../ui/error-text.ts'
import { Icon, type IconName } from '../ui/icons.tsx'
import { change, choose } from './edits.ts'
import { Estimate } from './estimate.tsx'
import { choices, failure, isUploaded, isWaiting, joins, planned, submit } from './work.ts'

const KINDS: { kind: 'clip' | PresetName; icon: IconName; title: Text; text: Text }[] = [
  { kind: 'clip', icon: 'scissors', title: 'make.clip', text: 'make.clipText' },
  { kind: 'reel', icon: 'film', title: 'make.reel', text: 'make.reelText' },
  { kind: 'parts', icon: 'copy', title: 'make.parts', text: 'make.partsText' },
  { kind: 'mp3', icon: 'audio', title: 'make.mp3', text: 'make.mp3Text' },
  { kind: 'convert', icon: 'check', title: 'make.convert', text: 'make.convertText' },
]

/** What to make of the sources: a clip of one's own or a preset, and the request for it. */
export function MakePanel({ several }: { several: boolean }) {
  return (
    <section class="card make" aria-labelledby="make-title">
      <h2 id="make-title">{t('make.title')}</h2>
      {several && (
        <fieldset class="segmented">
          <legend class="visually-hidden">{t('make.several')}</legend>
          {([false, true] as const).map((joined) => (
            <label key={String(joined)}>
              <input
                type="radio"
                name="several"
                checked={joins.value === joined}
                onChange={() => change(() => (joins.value = joined))}
              />
              <span>{t(joined ? 'make.join' : 'make.each')}</span>
            </label>
          ))}
        </fieldset>
      )}
      <fieldset class="kinds">
        <legend class="visually-hidden">{t('make.title')}</legend>
        {KINDS.map(({ kind, icon, title, text }) => (
          <label key={kind} class="kind">
            <input
              type="radio"
              name="kind"
              checked={choices.value.kind === kind}
              onChange={() => choose({ kind })}
            />
            <Icon name={icon} />
            <span>
              <strong>{t(title)}</strong>
              <span class="hint">{t(text)}</span>
            </span>
          </label>
        ))}
      </fieldset>
      {choices.value.kind === 'clip' && <ClipChoices />}
      <Estimate />
      {failure.value && (
        <Notice>
          <p>{errorText(failure.value)}</p>
          {Object.entries(failure.value.fields).map(([path, message]) => (
            <p key={path} class="hint">
              <code>{path}</code> {message}
            </p>
          ))}
        </Notice>
      )}
      {isWaiting.value ? (
        <div class="waiting">
          <p role="status">{t('make.waiting')}</p>
          <Button onClick={() => (isWaiting.value = false)}>{t('make.cancelWait')}</Button>
        </div>
      ) : (
        <Button kind="primary" icon="scissors" onClick={submit}>
          {t(isUploaded.value ? 'make.go' : 'make.goWhenSent')}
        </Button>
      )}
      <RequestView />
    </section>
  )
}

function ClipChoices() {
  const { format, shape, fit, quality, audio } = choices.value
  const hasVideo = !isAudio(format)
  return (
    <div class="choices">
      <Select
        label={t('make.format')}
        value={format}
        options={(['mp4', 'webm', 'mov', 'mkv', 'gif', 'mp3', 'm4a', 'ogg', 'wav'] as const).map((name) => [
          name,
          name.toUpperCase(),
        ])}
        onChange={(format) => choose({ format })}
      />
      {hasVideo && (
        <Select
          label={t('make.shape')}
          value={shape}
          options={[
            ['keep', t('make.shapeKeep')],
            ['16:9', t('make.shapeWide')],
            ['9:16', t('make.shapeTall')],
            ['1:1', t('make.shapeSquare')],
          ]}
          onChange={(shape) => choose({ shape })}
        />
      )}
      {hasVideo && shape !== 'keep' && (
        <Select
          label={t('make.fit')}
          value={fit}
          options={[
            ['pad', t('make.fitPad')],
            ['blur', t('make.fitBlur')],
            ['crop', t('make.fitCrop')],
          ]}
          onChange={(fit) => choose({ fit })}
        />
      )}
      {hasVideo && format !== 'gif' && (
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
      {format !== 'gif' && (
        <Select
          label={t('make.audio')}
          value={audio}
          options={[
            ['keep', t('make.audioKeep')],
            ...(hasVideo ? [['mute', t('make.audioMute')] as const] : []),
            ['normalize', t('make.audioNormalize')],
          ]}
          onChange={(audio) => choose({ audio })}
        />
      )}
    </div>
  )
}

/** The very request that the button sends. */
function RequestView() {
  const curl = planned.value.map(({ body }) => toCurl(location.origin, body)).join('\n\n')
  return (
    <details class="request">
      <summary>{t('make.request')}</summary>
      <p class="hint">{t('make.shown')}</p>
      <Code>{curl}</Code>
      <CopyButton text={curl} kind="quiet">
        {t('make.curl')}
      </CopyButton>
    </details>
  )
}
