import { DEFAULT_OUTPUT, isAudio, isSplit, type OutputChoice } from '../../edit/choices.ts'
import { t } from '../../i18n/index.ts'
import { Button, IconButton } from '../../ui/controls.tsx'
import { choose } from '../edits.ts'
import { choices } from '../work.ts'
import { Section } from './fields.tsx'
import { EncodingFields, FormatFields, SizeField, sizeText } from './output-section.tsx'

/** What the service takes, with the first one. */
const MAX_FILES = 8

/** Other files from the same edit, such as a smaller one, another format, or the audio alone. */
export function FilesSection() {
  const { more, format } = choices.value
  const set = (files: readonly OutputChoice[]) => choose({ more: files })
  return (
    <Section title={t('make.files')} value={more.map(fileText).join(' · ') || t('make.none')}>
      {isSplit(choices.value) ? (
        <p class="hint">{t('make.notWithParts')}</p>
      ) : (
        <>
          {more.map((output, index) => {
            const change = (part: Partial<OutputChoice>) =>
              set(more.map((one) => (one === output ? { ...one, ...part } : one)))
            const name = t('make.fileNumber', { number: index + 2 })
            return (
              <fieldset class="file" key={index}>
                <legend>{name}</legend>
                <IconButton
                  icon="close"
                  label={t('source.remove', { name })}
                  onClick={() => set(more.filter((one) => one !== output))}
                />
                <FormatFields output={output} onChange={change} />
                <div class="choices">
                  {!isAudio(output.format) && <SizeField output={output} onChange={change} />}
                  <EncodingFields output={output} onChange={change} />
                </div>
              </fieldset>
            )
          })}
          {more.length + 1 < MAX_FILES && (
            <Button
              icon="plus"
              kind="quiet"
              onClick={() => set([...more, { ...DEFAULT_OUTPUT, format: format === 'mp4' ? 'webm' : 'mp4' }])}
            >
              {t('make.addFile')}
            </Button>
          )}
        </>
      )}
    </Section>
  )
}

const fileText = ({ format, size }: OutputChoice) =>
  format.toUpperCase() + (size === 'source' || isAudio(format) ? '' : ` ${sizeText(size)}`)
