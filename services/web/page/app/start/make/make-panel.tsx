import type { PresetName } from '#shared/contract/presets.ts'
import { hasVideo } from '../../edit/choices.ts'
import { type Text, t } from '../../i18n/index.ts'
import { Button, Notice } from '../../ui/controls.tsx'
import { errorText } from '../../ui/error-text.ts'
import { Icon, type IconName } from '../../ui/icons.tsx'
import { change, choose, choosePreset } from '../edits.ts'
import { choices, failure, isUploaded, isWaiting, joins, submit } from '../work.ts'
import { BumperSection } from './bumper-section.tsx'
import { Estimate } from './estimate.tsx'
import { FilesSection } from './files-section.tsx'
import { FrameSection } from './frame-section.tsx'
import { FormatFields, OutputSection, SoundSection } from './output-section.tsx'
import { RequestView } from './request-view.tsx'
import { ThumbnailsSection } from './thumbnails-section.tsx'
import { WatermarkSection } from './watermark-section.tsx'

const KINDS: { kind: 'clip' | PresetName; icon: IconName; title: Text; text: Text }[] = [
  { kind: 'clip', icon: 'scissors', title: 'make.clip', text: 'make.clipText' },
  { kind: 'reel', icon: 'film', title: 'make.reel', text: 'make.reelText' },
  { kind: 'parts', icon: 'copy', title: 'make.parts', text: 'make.partsText' },
  { kind: 'mp3', icon: 'audio', title: 'make.mp3', text: 'make.mp3Text' },
  { kind: 'convert', icon: 'check', title: 'make.convert', text: 'make.convertText' },
]

/** What to make of the sources: a clip of one's own or a preset, and the request for it. */
export function MakePanel({ several }: { several: boolean }) {
  const isVideo = hasVideo(choices.value)
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
              onChange={() => choosePreset(kind)}
            />
            <Icon name={icon} />
            <span>
              <strong>{t(title)}</strong>
              {choices.value.kind === kind && <span class="hint">{t(text)}</span>}
            </span>
          </label>
        ))}
      </fieldset>
      <FormatFields output={choices.value} onChange={choose} />
      <div class="options">
        {isVideo && <FrameSection />}
        {isVideo && <WatermarkSection />}
        {isVideo && <BumperSection />}
        <SoundSection />
        <OutputSection />
        <FilesSection />
        {isVideo && <ThumbnailsSection />}
      </div>
      <Estimate />
      {failure.value && (
        <Notice>
          <p>{errorText(failure.value)}</p>
          {failure.value.errors.map(({ path, message }) => (
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
