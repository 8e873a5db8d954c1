import type { MediaInfo } from '#shared/contract/media-info.ts'
import type { Attempt, TaskDetails } from '#shared/contract/tasks.ts'
import { formatTime } from '../../edit/time.ts'
import { toCurl } from '../../edit/to-code.ts'
import { formatBytes, formatDate, t } from '../../i18n/index.ts'
import { Code, CopyButton } from '../../ui/controls.tsx'
import { errorText } from '../../ui/error-text.ts'
import { Icon } from '../../ui/icons.tsx'

/** What the sources contain, which attempts failed and why, and the recipe as an API call. */
export function TaskFacts({ task: { sources, failures, recipe } }: { task: TaskDetails }) {
  const curl = toCurl(location.origin, { recipe } as Parameters<typeof toCurl>[1])
  return (
    <div class="facts">
      {failures.length > 0 && (
        <details open>
          <summary>{t('task.attempts')}</summary>
          <ol class="attempts">
            {failures.map((failure) => (
              <AttemptRow key={`${failure.job}-${failure.attempt}-${failure.at}`} failure={failure} />
            ))}
          </ol>
        </details>
      )}
      {sources.length > 0 && (
        <details>
          <summary>{t('task.sources')}</summary>
          <ol class="source-infos">
            {sources.map((info, index) => (
              <SourceInfo key={index} info={info} />
            ))}
          </ol>
        </details>
      )}
      <details>
        <summary>{t('task.recipe')}</summary>
        <Code>{JSON.stringify(recipe, null, 2)}</Code>
        <CopyButton text={curl}>{t('task.copyCurl')}</CopyButton>
      </details>
    </div>
  )
}

/** Recordings of browsers have milliseconds for their rate, which says nothing. */
const rateText = ({ fps, variable_fps: isVariable }: { fps: number; variable_fps: boolean }) =>
  `${fps < 1000 ? `${fps} ` : ''}fps${isVariable ? ` (${t('probe.variable')})` : ''}`

function AttemptRow({ failure }: { failure: Attempt }) {
  const { attempt, code, message, at, job } = failure
  const reason = errorText({ code, message })
  return (
    <li>
      <strong>
        {t('task.attempt', { number: attempt })}
        {job && ` · ${job}`}
      </strong>{' '}
      {reason}
      <span class="hint">
        <code>{code}</code> · {formatDate(at)}
        {!reason.includes(message) && ` · ${message}`}
      </span>
    </li>
  )
}

function SourceInfo({ info }: { info: MediaInfo }) {
  const { container, duration, bytes, video, audio, warnings = [] } = info
  const rows: [label: string, value: string | false | undefined][] = [
    [
      t('probe.file'),
      [container.split(',')[0], bytes !== null && formatBytes(bytes), formatTime(duration)]
        .filter(Boolean)
        .join(' · '),
    ],
    [
      t('probe.video'),
      video !== null &&
        [
          video.codec,
          `${video.display_width}×${video.display_height}`,
          rateText(video),
          video.hdr && 'HDR',
          video.rotation !== 0 && `${video.rotation}°`,
        ]
          .filter(Boolean)
          .join(' · '),
    ],
    [
      t('probe.audio'),
      audio !== null &&
        `${audio.codec} · ${audio.sample_rate} Hz · ${t('probe.channels', { count: audio.channels })}`,
    ],
  ]
  return (
    <li>
      <dl class="pairs">
        {rows.map(([label, value]) => (
          <div key={label}>
            <dt>{label}</dt>
            <dd class="numbers">{value || t('probe.none')}</dd>
          </div>
        ))}
      </dl>
      {warnings.map(({ code, message, at }) => (
        <p key={code} class="warning">
          <Icon name="alert" />
          <span>
            {message}
            {at !== undefined && ` (${formatTime(at)})`}
          </span>
        </p>
      ))}
    </li>
  )
}
