import type { TaskDetails } from '#shared/contract/tasks.ts'
import { formatTime } from '../edit/time.ts'
import { toCurl } from '../edit/to-code.ts'
import { formatDate, t } from '../i18n/index.ts'
import { Code, CopyButton } from '../ui/controls.tsx'

/** What the sources contain, which attempts failed and why, and the recipe as an API call. */
export function TaskFacts({ task: { sources, failures, recipe } }: { task: TaskDetails }) {
  const curl = toCurl(location.origin, { recipe } as Parameters<typeof toCurl>[1])
  return (
    <div class="facts">
      {failures.length > 0 && (
        <details open>
          <summary>{t('task.attempts')}</summary>
          <ol class="attempts">
            {failures.map(({ attempt, code, message, at, job }) => (
              <li key={`${job}-${attempt}-${at}`}>
                <strong>
                  {t('task.attempt', { number: attempt })}
                  {job && ` · ${job}`}
                </strong>{' '}
                {message} <code>{code}</code> <span class="muted">{formatDate(at)}</span>
              </li>
            ))}
          </ol>
        </details>
      )}
      {sources.length > 0 && (
        <details>
          <summary>{t('task.sources')}</summary>
          <ol>
            {sources.map(({ duration, video, audio, warnings = [] }, index) => (
              <li key={index} class="numbers">
                {formatTime(duration)}
                {video &&
                  ` · ${video.codec} ${video.display_width}×${video.display_height} · ${video.fps} fps`}
                {audio && ` · ${audio.codec} ${audio.sample_rate} Hz`}
                {warnings.map(({ code, message }) => (
                  <p key={code} class="hint">
                    {message}
                  </p>
                ))}
              </li>
            ))}
          </ol>
        </details>
      )}
      <details>
        <summary>{t('task.recipe')}</summary>
        <Code>{JSON.stringify(recipe, null, 2)}</Code>
        <CopyButton text={curl} kind="quiet">
          {t('task.copyCurl')}
        </CopyButton>
      </details>
    </div>
  )
}
