import { useSignal } from '@preact/signals'
import type { ApiError } from '#client/core.ts'
import type { Task, TaskOutput } from '#shared/contract/tasks.ts'
import { linkOutput, ownUrl } from '../../api/operations.ts'
import { apiError } from '../../api/request.ts'
import { formatTime } from '../../edit/time.ts'
import { formatBytes, t } from '../../i18n/index.ts'
import { IconButton, Notice } from '../../ui/controls.tsx'
import { errorText } from '../../ui/error-text.ts'
import { Icon } from '../../ui/icons.tsx'
import { saveAs } from '../../ui/save-as.ts'
import { Player } from '../player/player.tsx'
import { SharePanel } from './share-panel.tsx'

const isShowable = ({ content_type: type }: TaskOutput) => /^(video|audio|image)\//.test(type)

/** The files of a task: a player for one of them, at first the first that plays, and a row for each. */
export function Outputs({ task: { id, outputs } }: { task: Task }) {
  const chosen = useSignal<string | undefined>(undefined)
  const shown = outputs.find(({ name }) => name === chosen.value) ?? outputs.find(isShowable)
  return (
    <section class="outputs" aria-labelledby="outputs-title">
      {shown && <Player key={shown.name} id={id} output={shown} outputs={outputs} />}
      <h2 id="outputs-title">{t('task.outputs')}</h2>
      <ul class="output-list">
        {outputs.map((output) => (
          <OutputRow
            key={output.name}
            id={id}
            output={output}
            isShown={output === shown}
            onShow={() => (chosen.value = output.name)}
          />
        ))}
      </ul>
    </section>
  )
}

type RowProps = { id: string; output: TaskOutput; isShown: boolean; onShow: () => void }

function OutputRow({ id, output, isShown, onShow }: RowProps) {
  const { name, bytes, seconds, width, height, content_type: type } = output
  const isSharing = useSignal(false)
  const error = useSignal<ApiError | undefined>(undefined)
  const facts = [
    formatBytes(bytes),
    seconds != null && formatTime(seconds),
    width != null && height != null && `${width}×${height}`,
  ]
  const kind = type.startsWith('audio/') ? 'audio' : type.startsWith('image/') ? 'image' : 'film'
  async function download() {
    try {
      saveAs(ownUrl((await linkOutput(id, name)).url), name)
      error.value = undefined
    } catch (thrown) {
      error.value = apiError(thrown)
    }
  }
  return (
    <li class={`output ${isShown ? 'current' : ''}`}>
      <Icon name={isShowable(output) ? kind : 'file'} />
      <span class="name">
        {name}
        <span class="hint numbers">{facts.filter(Boolean).join(' · ')}</span>
      </span>
      <span class="row-actions">
        {isShowable(output) && !isShown && (
          <IconButton
            icon={kind === 'image' ? 'eye' : 'play'}
            label={`${t('task.show')} ${name}`}
            onClick={onShow}
          />
        )}
        <button
          type="button"
          class="icon-button"
          aria-label={`${t('task.share')} ${name}`}
          title={t('task.share')}
          aria-expanded={isSharing.value}
          onClick={() => (isSharing.value = !isSharing.value)}
        >
          <Icon name="link" />
        </button>
        <button type="button" class="button" aria-label={`${t('task.download')} ${name}`} onClick={download}>
          <Icon name="download" />
          <span>{t('task.download')}</span>
        </button>
      </span>
      {isSharing.value && <SharePanel id={id} name={name} />}
      {error.value && <Notice>{errorText(error.value)}</Notice>}
    </li>
  )
}
