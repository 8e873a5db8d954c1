import { useSignal } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import type { Task, TaskOutput } from '#shared/contract/tasks.ts'
import { linkOutput, ownUrl } from '../api/operations.ts'
import { formatTime } from '../edit/time.ts'
import { formatBytes, t } from '../i18n/index.ts'
import { CopyButton } from '../ui/controls.tsx'
import { Icon } from '../ui/icons.tsx'

const WEEK_S = 7 * 86_400

/** The files of a task: a player for the first that plays, and a row for each. */
export function Outputs({ task: { id, outputs } }: { task: Task }) {
  const playable = outputs.find(({ content_type: type }) => /^(video|audio|image)\//.test(type))
  return (
    <section class="outputs" aria-labelledby="outputs-title">
      {playable && <Player key={playable.name} id={id} output={playable} />}
      <h2 id="outputs-title">{t('task.outputs')}</h2>
      <ul class="output-list">
        {outputs.map((output) => (
          <OutputRow key={output.name} id={id} output={output} />
        ))}
      </ul>
    </section>
  )
}

/** A link to an output that players can use, since they send no token. */
function useLink(id: string, name: string) {
  const url = useSignal<string | undefined>(undefined)
  useEffect(() => {
    linkOutput(id, name)
      .then((link) => (url.value = ownUrl(link.url)))
      // The row still offers the download.
      .catch(() => undefined)
  }, [id, name])
  return url
}

function Player({
  id,
  output: { name, content_type: type, width, height },
}: {
  id: string
  output: TaskOutput
}) {
  const url = useLink(id, name)
  if (!url.value) return <div class="player skeleton tall" />
  if (type.startsWith('image/')) return <img class="player" src={url.value} alt={name} />
  // biome-ignore lint/a11y/useMediaCaption: results of a person's own media have no captions.
  if (type.startsWith('audio/')) return <audio class="player" src={url.value} controls preload="metadata" />
  return (
    <video
      class="player"
      src={url.value}
      controls
      playsInline
      preload="auto"
      {...(width && height && { width, height })}
    />
  )
}

function OutputRow({ id, output }: { id: string; output: TaskOutput }) {
  const { name, bytes, seconds, width, height, content_type: type } = output
  const facts = [
    formatBytes(bytes),
    seconds != null && formatTime(seconds),
    width != null && height != null && `${width}×${height}`,
  ]
  async function download() {
    const link = await linkOutput(id, name)
    const anchor = document.createElement('a')
    anchor.href = ownUrl(link.url)
    anchor.download = name
    anchor.click()
  }
  return (
    <li class="output">
      <Icon name={type.startsWith('audio/') ? 'audio' : 'film'} />
      <span class="name">
        {name}
        <span class="hint numbers">{facts.filter(Boolean).join(' · ')}</span>
      </span>
      <span class="row-actions">
        <CopyButton kind="quiet" text={async () => (await linkOutput(id, name, WEEK_S)).url}>
          {t('task.copyLink')}
        </CopyButton>
        <button type="button" class="button" aria-label={`${t('task.download')} ${name}`} onClick={download}>
          <Icon name="download" />
          <span>{t('task.download')}</span>
        </button>
      </span>
    </li>
  )
}
