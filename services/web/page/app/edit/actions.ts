import type { Signal } from '@preact/signals'
import { t } from '../i18n/index.ts'
import { redo, select, undo } from '../start/edits.ts'
import { type Item, selected } from '../start/item.ts'
import { addRange } from '../start/work.ts'
import { endingWith, nextKeyFrame, startingAt } from './frames.ts'
import type { Action } from './keys.ts'
import type { Player } from './player.ts'
import { type View, wholeView, zoomed } from './timeline/view.ts'

type Controls = {
  item: Item
  player: Player
  view: Signal<View>
  say: (text: string) => void
  toggleHelp: () => void
}

/** What each action does. */
export function actionsOf({ item, player, view, say, toggleHelp }: Controls): Record<Action, () => void> {
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
    addRange: () => addRange(item),
    help: toggleHelp,
  }
}

/** Whether a key belongs to what has the focus: text that is typed, or a control that the key operates. */
export function isTyping({ target, key }: KeyboardEvent): boolean {
  if (!(target instanceof HTMLElement)) return false
  if (target.matches('input:not([type=radio]), textarea, select, [contenteditable]')) return true
  if (key === ' ' || key === 'Enter') return target.matches('button, a, summary, input')
  return key.startsWith('Arrow') && target.matches('input[type=radio]')
}
