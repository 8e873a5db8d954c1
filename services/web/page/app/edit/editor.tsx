import { useSignal } from '@preact/signals'
import { useEffect, useMemo, useRef } from 'preact/hooks'
import { t } from '../i18n/index.ts'
import { type Item, select, selected, undo } from '../start/item.ts'
import { Notice } from '../ui/controls.tsx'
import { endingWith, startingAt } from './frames.ts'
import { type Action, actionOf } from './keys.ts'
import { KeysDialog } from './keys-dialog.tsx'
import { createPlayer, type Player } from './player.ts'
import { TimeFields } from './time-fields.tsx'
import { Timeline } from './timeline.tsx'
import { Transport } from './transport.tsx'

/** Marks what to keep of a source. A local file plays at once; a link has its times typed. */
export function Editor({ item }: { item: Item }) {
  const isPlayable = useSignal(item.objectUrl !== undefined)
  const isHelpOpen = useSignal(false)
  const video = useRef<HTMLVideoElement>(null)
  const player = useMemo(
    () => createPlayer({ fps: item.fps, total: item.total, range: () => selected(item) }),
    [item],
  )

  useEffect(() => {
    player.attach(video.current)
    return () => player.attach(null)
  }, [player])

  const actions = actionsOf(item, player, () => (isHelpOpen.value = !isHelpOpen.value))
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (!isPlayable.value || isTyping(event) || isHelpOpen.value) return
      const action = actionOf(event)
      if (!action) return
      event.preventDefault()
      actions[action]()
    }
    addEventListener('keydown', onKey)
    return () => removeEventListener('keydown', onKey)
  }, [player])

  return (
    <section class="editor card" aria-label={item.name}>
      {isPlayable.value && item.objectUrl ? (
        <>
          <div class="stage">
            <video
              ref={video}
              src={item.objectUrl}
              preload="auto"
              playsInline
              muted={player.isMuted.value}
              onLoadedMetadata={({ currentTarget: { duration, videoWidth } }) => {
                if (Number.isFinite(duration)) item.duration.value = duration
                video.current?.classList.toggle('no-video', videoWidth === 0)
              }}
              onLoadedData={() => player.seek(player.frame.value)}
              onError={() => (isPlayable.value = false)}
              onClick={player.toggle}
            />
          </div>
          <Timeline item={item} player={player} />
          <Transport item={item} player={player} perform={(action) => actions[action]()} />
        </>
      ) : (
        <Notice kind="info">{t(item.url === undefined ? 'edit.noVideo' : 'edit.urlPreview')}</Notice>
      )}
      <TimeFields item={item} onSeek={player.seek} />
      {isHelpOpen.value && <KeysDialog onClose={() => (isHelpOpen.value = false)} />}
    </section>
  )
}

/** What each action does. */
function actionsOf(item: Item, player: Player, toggleHelp: () => void): Record<Action, () => void> {
  const at = () => player.frame.value
  const second = () => Math.round(item.fps.value)
  const step = (frames: number) => {
    player.pause()
    player.seek(at() + frames)
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
    undo: () => undo(item),
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
