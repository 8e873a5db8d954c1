import { t } from '../i18n/index.ts'
import { canRedo, canUndo, select } from '../start/edits.ts'
import type { Item } from '../start/item.ts'
import { IconButton } from '../ui/controls.tsx'
import { startOf } from './frames.ts'
import type { Action } from './keys.ts'
import type { Player } from './player.ts'
import { formatTime } from './time.ts'

type Props = {
  item: Item
  player: Player
  isPlayable: boolean
  perform: (action: Action) => void
}

/** The buttons under the video; each does what its key does. */
export function Transport({ item, player, isPlayable, perform }: Props) {
  const { frame, speed, isMuted } = player
  const isPlaying = speed.value !== 0
  return (
    <div class="transport">
      <div class="group">
        <IconButton icon="frameBack" label={t('edit.frameBack')} onClick={() => perform('frameBack')} />
        {isPlayable && (
          <IconButton
            icon={isPlaying ? 'pause' : 'play'}
            label={t(isPlaying ? 'edit.pause' : 'edit.play')}
            onClick={() => perform('play')}
          />
        )}
        <IconButton
          icon="frameForward"
          label={t('edit.frameForward')}
          onClick={() => perform('frameForward')}
        />
      </div>
      <p class="clock numbers" aria-live="off">
        <strong data-testid="position">{formatTime(startOf(frame.value, item.fps.value))}</strong>
        <span class="muted">
          {Math.abs(speed.value) > 1 || speed.value < 0
            ? t('edit.speed', { speed: speed.value })
            : item.isRateKnown.value && t('edit.fps', { fps: Math.round(item.fps.value * 100) / 100 })}
        </span>
      </p>
      <div class="group">
        <IconButton icon="in" label={t('edit.setIn')} onClick={() => perform('setIn')} />
        <IconButton icon="out" label={t('edit.setOut')} onClick={() => perform('setOut')} />
        {isPlayable && (
          <IconButton icon="loop" label={t('edit.playSelection')} onClick={() => perform('playSelection')} />
        )}
        <IconButton
          icon="undo"
          label={t('edit.undo')}
          disabled={!canUndo.value}
          onClick={() => perform('undo')}
        />
        <IconButton
          icon="redo"
          label={t('edit.redo')}
          disabled={!canRedo.value}
          onClick={() => perform('redo')}
        />
        {item.selection.value && (
          <IconButton icon="close" label={t('edit.reset')} onClick={() => select(item, undefined)} />
        )}
      </div>
      <div class="group">
        {item.total.value !== undefined && (
          <>
            <IconButton icon="zoomOut" label={t('edit.zoomOut')} onClick={() => perform('zoomOut')} />
            <IconButton icon="zoomIn" label={t('edit.zoomIn')} onClick={() => perform('zoomIn')} />
          </>
        )}
        {isPlayable && (
          <IconButton
            icon={isMuted.value ? 'muted' : 'volume'}
            label={t(isMuted.value ? 'edit.unmute' : 'edit.mute')}
            onClick={() => (isMuted.value = !isMuted.value)}
          />
        )}
        <IconButton icon="keyboard" label={t('edit.keys')} onClick={() => perform('help')} />
      </div>
    </div>
  )
}
