import { useSignal } from '@preact/signals'
import { formatTime } from '../../edit/time.ts'
import { t } from '../../i18n/index.ts'
import type { Sprite } from './use-sprite.ts'
import { tileAt } from './vtt.ts'

type Props = {
  at: number
  duration: number
  /** Up to where it is loaded. */
  buffered: number
  sprite: Sprite | undefined
  onSeek: (seconds: number) => void
}

/** Where the player is. The pointer shows what is elsewhere: a tile of the sprite, if there is one, and its time. */
export function SeekBar({ at, duration, buffered, sprite, onSeek }: Props) {
  const hovered = useSignal<number | undefined>(undefined)
  const percent = (seconds: number) => `${duration > 0 ? Math.min(100, (seconds / duration) * 100) : 0}%`
  return (
    <div
      class="seek"
      onPointerMove={({ currentTarget, clientX }) => {
        const { left, width } = currentTarget.getBoundingClientRect()
        hovered.value = Math.min(Math.max(0, (clientX - left) / width), 1) * duration
      }}
      onPointerLeave={() => (hovered.value = undefined)}
    >
      <div class="seek-track">
        <div class="seek-buffered" style={{ width: percent(buffered) }} />
        <div class="seek-played" style={{ width: percent(at) }} />
      </div>
      <input
        type="range"
        min={0}
        max={duration}
        step="any"
        value={at}
        aria-label={t('edit.playhead')}
        aria-valuetext={formatTime(at)}
        onInput={(event) => onSeek(Number(event.currentTarget.value))}
      />
      {hovered.value !== undefined && duration > 0 && (
        <div class="seek-preview" aria-hidden="true" style={{ left: percent(hovered.value) }}>
          <Preview sprite={sprite} seconds={hovered.value} />
          <span class="numbers">{formatTime(hovered.value)}</span>
        </div>
      )}
    </div>
  )
}

function Preview({ sprite, seconds }: { sprite: Sprite | undefined; seconds: number }) {
  const tile = sprite && tileAt(sprite.tiles, seconds)
  if (!tile) return null
  return (
    <div
      class="tile"
      style={{
        width: `${tile.width}px`,
        height: `${tile.height}px`,
        backgroundImage: `url("${sprite.url}")`,
        backgroundPosition: `-${tile.x}px -${tile.y}px`,
      }}
    />
  )
}
