import { type Signal, useSignal, useSignalEffect } from '@preact/signals'
import { useEffect, useMemo, useRef } from 'preact/hooks'
import { t } from '../i18n/index.ts'
import { redo, select, undo } from '../start/edits.ts'
import { type Item, selected } from '../start/item.ts'
import { choices } from '../start/work.ts'
import { Notice } from '../ui/controls.tsx'
import { endingWith, nextKeyFrame, startingAt } from './frames.ts'
import { type Action, actionOf } from './keys.ts'
import { KeysDialog } from './keys-dialog.tsx'
import { createPlayer, type Player } from './player.ts'
import { Stage } from './stage/stage.tsx'
import { TimeFields } from './time-fields.tsx'
import { Timeline } from './timeline/timeline.tsx'
import { type View, wholeView, zoomed } from './timeline/view.ts'
import { Transport } from './transport.tsx'

/** Marks what to keep of a source. A local file plays at once; a link has its times typed. */
export function Editor({ item }: { item: Item }) {
  const isPlayable = useSignal(item.objectUrl !== undefined)
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
  }, [player])

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
      if (!isPlayable.value || isTyping(event) || isHelpOpen.value) return
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
      {isPlayable.value && item.objectUrl ? (
        <>
          <Stage video={video} size={item.videoSize.value}>
            <video
              ref={video}
              src={item.objectUrl}
              preload="auto"
              playsInline
              muted={player.isMuted.value || choices.value.audio === 'mute'}
              onLoadedMetadata={({ currentTarget: { duration, videoWidth: width, videoHeight: height } }) => {
                if (Number.isFinite(duration)) item.duration.value = duration
                if (width > 0 && height > 0) item.videoSize.value = { width, height }
                video.current?.classList.toggle('no-video', width === 0)
              }}
              onLoadedData={() => player.seek(player.frame.value)}
              onError={() => (isPlayable.value = false)}
              onClick={player.toggle}
            />
          </Stage>
          <Timeline item={item} player={player} view={view} />
          <Transport item={item} player={player} perform={(action) => actions[action]()} />
        </>
      ) : (
        <Notice kind="info">{t(item.url === undefined ? 'edit.noVideo' : 'edit.urlPreview')}</Notice>
      )}
      <p class="hint message" role="status">
        {message.value}
      </p>
      <TimeFields item={item} onSeek={player.seek} />
      {isHelpOpen.value && <KeysDialog onClose={() => (isHelpOpen.value = false)} />}
    </section>
  )
}

type Controls = {
  item: Item
  player: Player
  view: Signal<View>
  say: (text: string) => void
  toggleHelp: () => void
}

/** What each action does. */
function actionsOf({ item, player, view, say, toggleHelp }: Controls): Record<Action, () => void> {
  const at = () => player.frame.value
  const second = () => Math.round(item.fps.value)
  const step = (frames: number) => {
    player.pause()
    player.seek(at() + frames)
  }
  const toKeyFrame = (direction: 1 | -1) => {
    const { keyFrames, fps } = item
    if (!keyFrames.value) return say(t('edit.noKeyFrames'))
    const frame = nextKeyFrame(keyFrames.value, at(), direction, fps.value)
    if (frame === undefined) return say(t(direction > 0 ? 'edit.lastKeyFrame' : 'edit.firstKeyFrame'))
    player.pause()
    player.seek(frame)
  }
  const zoom = (factor: number) => {
    if (item.total.value !== undefined) view.value = zoomed(view.value, factor, at(), item.total.value)
  }
  const whole = () => ({ first: 0, end: item.total.value ?? 1 })
  return {
    play: player.toggle,
    stop: player.pause,
    back: () => player.faster(-1),
    forward: () => player.faster(1),
    frameBack: () => step(-1),
    frameForward: () => step(1),
    secondBack: () => player.seek(at() - second()),
    secondForward: () => player.seek(at() + second()),
    toIn: () => player.seek((selected(item) ?? whole()).first),
    toOut: () => player.seek((selected(item) ?? whole()).end - 1),
    setIn: () => select(item, startingAt(selected(item) ?? whole(), at(), whole().end)),
    setOut: () => select(item, endingWith(selected(item) ?? whole(), at(), whole().end)),
    playSelection: player.loop,
    keyFrameBack: () => toKeyFrame(-1),
    keyFrameForward: () => toKeyFrame(1),
    zoomIn: () => zoom(0.5),
    zoomOut: () => zoom(2),
    zoomAll: () => (view.value = wholeView(whole().end)),
    undo,
    redo,
    help: toggleHelp,
  }
}

/** Whether a key belongs to what has the focus: text that is typed, or a control that the key operates. */
function isTyping({ target, key }: KeyboardEvent): boolean {
  if (!(target instanceof HTMLElement)) return false
  if (target.matches('input:not([type=radio]), textarea, select, [contenteditable]')) return true
  if (key === ' ' || key === 'Enter') return target.matches('button, a, summary, input')
  return key.startsWith('Arrow') && target.matches('input[type=radio]')
}
