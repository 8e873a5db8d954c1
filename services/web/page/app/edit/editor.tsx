import { useSignal, useSignalEffect } from '@preact/signals'
import { useEffect, useMemo, useRef } from 'preact/hooks'
import { t } from '../i18n/index.ts'
import { askService, givenUp, openLink } from '../start/facts.ts'
import { type Item, selected } from '../start/item.ts'
import { choices } from '../start/work.ts'
import { Button, Notice } from '../ui/controls.tsx'
import { actionsOf, isTyping } from './actions.ts'
import { actionOf } from './keys.ts'
import { KeysDialog } from './keys-dialog.tsx'
import { createPlayer } from './player.ts'
import { SourceFacts } from './source-facts.tsx'
import { Stage } from './stage/stage.tsx'
import { TimeFields } from './time-fields.tsx'
import { Timeline } from './timeline/timeline.tsx'
import { type View, wholeView } from './timeline/view.ts'
import { Transport } from './transport.tsx'

/** Marks what to keep of a source. A local file plays at once, a link as soon as the service can read it. */
export function Editor({ item }: { item: Item }) {
  const src = item.objectUrl ?? item.preview.value
  const problem = item.problem.value
  const isPlayable = src !== undefined && problem === undefined
  const isHelpOpen = useSignal(false)
  /** What a key could not do. Read out, and gone with the next key. */
  const message = useSignal('')
  const view = useSignal<View>(wholeView(1))
  const video = useRef<HTMLVideoElement>(null)
  const player = useMemo(() => {
    const created = createPlayer({ fps: item.fps, total: item.total, range: () => selected(item) })
    created.seek(item.selection.peek()?.first ?? 0)
    return created
  }, [item])

  useEffect(() => {
    player.attach(video.current)
    return () => player.attach(null)
  }, [player, isPlayable])

  // What the browser cannot tell about an upload.
  useSignalEffect(() => askService(item))
  // All of a source whose length is known now, or has been corrected.
  useSignalEffect(() => {
    if (item.total.value !== undefined) view.value = wholeView(item.total.value)
  })

  const actions = actionsOf({
    item,
    player,
    view,
    say: (text) => (message.value = text),
    toggleHelp: () => (isHelpOpen.value = !isHelpOpen.value),
  })
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (item.total.value === undefined || isTyping(event) || isHelpOpen.value) return
      const action = actionOf(event)
      if (!action) return
      event.preventDefault()
      message.value = ''
      actions[action]()
    }
    addEventListener('keydown', onKey)
    return () => removeEventListener('keydown', onKey)
  }, [player])

  return (
    <section class="editor card" aria-label={item.name}>
      {isPlayable ? (
        <Stage video={video} size={item.videoSize.value} onClick={player.toggle}>
          {(handlers) => (
            <video
              {...handlers}
              ref={video}
              src={src}
              preload="auto"
              playsInline
              muted={player.isMuted.value || choices.value.audio === 'mute'}
              onLoadedMetadata={({ currentTarget: { duration, videoWidth: width, videoHeight: height } }) => {
                if (Number.isFinite(duration)) item.duration.value = duration
                if (width > 0 && height > 0) item.videoSize.value = { width, height }
                video.current?.classList.toggle('no-video', width === 0)
              }}
              onLoadedData={() => player.seek(player.frame.value)}
              onError={() => givenUp(item)}
            />
          )}
        </Stage>
      ) : (
        <>
          <Notice kind="info">
            {problem ?? t(item.url ? 'tasks.loading' : 'edit.noFile')}
            {problem && item.url && (
              <Button icon="retry" onClick={() => openLink(item)}>
                {t('task.retry')}
              </Button>
            )}
          </Notice>
          <SourceFacts item={item} />
        </>
      )}
      {isPlayable || item.total.value !== undefined ? (
        <>
          <Timeline item={item} player={player} view={view} />
          <Transport
            item={item}
            player={player}
            isPlayable={isPlayable}
            perform={(action) => actions[action]()}
          />
        </>
      ) : null}
      <p class="hint message" role="status">
        {message.value}
      </p>
      <TimeFields item={item} onSeek={player.seek} />
      {isHelpOpen.value && <KeysDialog onClose={() => (isHelpOpen.value = false)} />}
    </section>
  )
}
