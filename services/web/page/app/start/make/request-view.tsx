import { useSignal } from '@preact/signals'
import { toCurl, toPython, toTypeScript } from '../../edit/to-code.ts'
import { t } from '../../i18n/index.ts'
import { Code, CopyButton } from '../../ui/controls.tsx'
import { planned } from '../work.ts'

const LANGUAGES = [
  { name: 'curl', write: toCurl, copy: 'make.curl' },
  { name: 'TypeScript', write: toTypeScript, copy: 'make.code' },
  { name: 'Python', write: toPython, copy: 'make.code' },
] as const

/** The very request that the button sends, as code. */
export function RequestView() {
  const chosen = useSignal<(typeof LANGUAGES)[number]>(LANGUAGES[0])
  const code = planned.value
    .map(({ body }) => chosen.value.write(location.origin, body))
    .join(chosen.value.name === 'curl' ? '\n\n' : '\n\n\n')
  return (
    <details class="request">
      <summary>{t('make.request')}</summary>
      <p class="hint">{t('make.shown')}</p>
      <fieldset class="segmented three">
        <legend class="visually-hidden">{t('make.language')}</legend>
        {LANGUAGES.map((language) => (
          <label key={language.name}>
            <input
              type="radio"
              name="code"
              checked={chosen.value === language}
              onChange={() => (chosen.value = language)}
            />
            <span>{language.name}</span>
          </label>
        ))}
      </fieldset>
      <Code>{code}</Code>
      <CopyButton text={code}>{t(chosen.value.copy)}</CopyButton>
    </details>
  )
}
