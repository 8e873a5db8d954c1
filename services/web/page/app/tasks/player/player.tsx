import { useSignal } from '@preact/signals'
import { useRef } from 'preact/hooks'
import type { TaskOutput } from '#shared/contract/tasks.ts'
import { formatTime } from '../../edit/time.ts'
import { t } from '../../i18n/index.ts'
import { IconButton } from '../../ui/controls.tsx'
import { SeekBar } from './seek-bar.tsx'
import { useLink } from './use-link.ts'
import { useSprite } from './use-sprite.ts'

const SPEEDS = [0.5, 1, 1.5, 2] as const
const STEP_S = 5

type Props = { id: string; output: TaskOutput; outputs: readonly TaskOutput[] }

/** Plays a video or audio output, or shows an image. */
export function Player({ id, output, outputs }: Props) {
  const url = useLink(id, output.name).value
  const { content_type: type, name } = output
  if (!url) return <div class="player skeleton tall" />
  if (type.startsWith('image/')) return <img class="player" src={url} alt={name} />
  return <MediaPlayer id={id} output={output} outputs={outputs} url={url} />
}

/** With the keys of most players: Space, arrows, M and F, while it has the focus. */
function MediaPlayer({ id, output, outputs, url }: Props & { url: string }) {
  const { content_type: type, width, height, name } = output
  const isVideo = type.startsWith('video/')
  const media = useRef<HTMLVideoElement>(null)
  const box = useRef<HTMLElement>(null)
  const isPlaying = useSignal(false)
  const isMuted = useSignal(false)
  const speed = useSignal<number>(1)
  const at = useSignal(0)
  const duration = useSignal(output.seconds ?? 0)
  const buffered = useSignal(0)
  const sprite = useSprite(id, outputs)
  const poster = useLink(id, isVideo ? outputs.find(({ name }) => name === 'poster.jpg')?.name : undefined)

  const seek = (seconds: number) => {
    if (media.current) media.current.currentTime = Math.min(Math.max(0, seconds), duration.value)
  }
  const toggle = () => {
    const { current } = media
    if (current?.paused) current.play().catch(() => undefined)
    else current?.pause()
  }
  const mute = () => (isMuted.value = !isMuted.value)
  const fullscreen = () => {
    if (document.fullscreenElement) document.exitFullscreen()
    else box.current?.requestFullscreen().catch(() => undefined)
  }
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.target instanceof HTMLSelectElement || event.ctrlKey || event.metaKey || event.altKey) return
    const isButton = event.target instanceof HTMLButtonElement
    const actions: Record<string, () => void> = {
      ...(!isButton && { ' ': toggle }),
      k: toggle,
      ArrowLeft: () => seek(at.value - STEP_S),
      ArrowRight: () => seek(at.value + STEP_S),
      m: mute,
      ...(isVideo && { f: fullscreen }),
    }
    const action = actions[event.key]
    if (!action) return
    event.preventDefault()
    action()
  }

  return (
    <figure ref={box} class={`media-player ${isVideo ? '' : 'audio'}`} onKeyDown={onKeyDown}>
      <video
        ref={media}
        class="player"
        src={url}
        poster={poster.value}
        aria-label={name}
        playsInline
        preload="auto"
        muted={isMuted.value}
        {...(width && height && { width, height })}
        onClick={toggle}
        onPlay={() => (isPlaying.value = true)}
        onPause={() => (isPlaying.value = false)}
        onTimeUpdate={({ currentTarget }) => (at.value = currentTarget.currentTime)}
        onDurationChange={({ currentTarget: { duration: total } }) => {
          if (Number.isFinite(total)) duration.value = total
        }}
        onProgress={({ currentTarget: { buffered: ranges } }) => {
          buffered.value = ranges.length > 0 ? ranges.end(ranges.length - 1) : 0
        }}
      />
      <div class="player-controls">
        <IconButton
          icon={isPlaying.value ? 'pause' : 'play'}
          label={t(isPlaying.value ? 'edit.pause' : 'edit.play')}
          onClick={toggle}
        />
        <SeekBar
          at={at.value}
          duration={duration.value}
          buffered={buffered.value}
          sprite={sprite.value}
          onSeek={seek}
        />
        <span class="numbers times-played">
          {wholeSeconds(at.value)} / {wholeSeconds(duration.value)}
        </span>
        <IconButton
          icon={isMuted.value ? 'muted' : 'volume'}
          label={t(isMuted.value ? 'edit.unmute' : 'edit.mute')}
          onClick={mute}
        />
        <select
          class="speed"
          aria-label={t('player.speed')}
          value={speed.value}
          onChange={(event) => {
            speed.value = Number(event.currentTarget.value)
            if (media.current) media.current.playbackRate = speed.value
          }}
        >
          {SPEEDS.map((value) => (
            <option key={value} value={value}>
              {value}×
            </option>
          ))}
        </select>
        {isVideo && <IconButton icon="fullscreen" label={t('player.fullscreen')} onClick={fullscreen} />}
      </div>
    </figure>
  )
}

/** `1:02`: what moves all the time needs no thousandths. */
const wholeSeconds = (seconds: number) => formatTime(Math.floor(seconds)).replace(/\.0+$/, '')
