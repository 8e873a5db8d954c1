import { type ReadonlySignal, type Signal, signal } from '@preact/signals'
import { clamp, frameAt, middleOf } from './frames.ts'
import { nextSpeed } from './keys.ts'

export type Player = {
  /** The frame on screen. */
  frame: ReadonlySignal<number>
  /** 0 when paused, negative when playing backwards. */
  speed: ReadonlySignal<number>
  isMuted: Signal<boolean>
  /** The video element to control; null when it goes away. */
  attach(element: HTMLVideoElement | null): void
  seek(frame: number): void
  toggle(): void
  pause(): void
  /** J and L. */
  faster(direction: 1 | -1): void
  /** Plays the selection again and again. */
  loop(): void
}

type Source = {
  fps: ReadonlySignal<number>
  total: ReadonlySignal<number | undefined>
  /** The frames to stay in while looping. */
  range(): { first: number; end: number } | undefined
}

/**
 * Plays a video by frames. A paused video always stands in the middle of a frame: seeking to where frames meet may show either. Played
 * backwards, it is a series of seeks, since browsers cannot.
 */
export function createPlayer({ fps, total, range }: Source): Player {
  const frame = signal(0)
  const speed = signal(0)
  const isMuted = signal(false)
  let video: HTMLVideoElement | null = null
  let wanted: number | undefined
  let looping = false
  let tick = 0
  let backwards: { since: number; from: number } | undefined

  const lastFrame = () => (total.value === undefined ? Number.POSITIVE_INFINITY : total.value - 1)

  function seek(to: number) {
    frame.value = clamp(Math.round(to), 0, lastFrame())
    wanted = frame.value
    applySeek()
  }

  /** One seek at a time: a browser that gets many shows none of them. */
  function applySeek() {
    if (!video || wanted === undefined || video.seeking || video.readyState === 0) return
    const to = middleOf(wanted, fps.value)
    wanted = undefined
    if (Math.abs(video.currentTime - to) > 1e-6) video.currentTime = to
  }

  function setSpeed(to: number) {
    if (!video) return
    speed.value = to
    backwards = to < 0 ? { since: performance.now(), from: video.currentTime } : undefined
    if (to > 0) {
      video.playbackRate = to
      video.play().catch(() => pause())
    } else video.pause()
    cancelAnimationFrame(tick)
    if (to !== 0) tick = requestAnimationFrame(follow)
  }

  function pause() {
    looping = false
    if (speed.value === 0 || !video) return
    const at = frameAt(video.currentTime, fps.value)
    setSpeed(0)
    seek(at)
  }

  /** While playing: shows where it is, goes backwards, and stays in the selection while looping. */
  function follow() {
    if (!video || speed.value === 0) return
    if (backwards) {
      const at = backwards.from + (speed.value * (performance.now() - backwards.since)) / 1000
      seek(frameAt(Math.max(0, at), fps.value))
      if (at <= 0) return pause()
    } else {
      const now = frameAt(video.currentTime, fps.value)
      const bounds = looping ? range() : undefined
      if (bounds && (now >= bounds.end || now < bounds.first - 1)) seek(bounds.first)
      else if (!video.seeking) frame.value = Math.min(now, lastFrame())
    }
    tick = requestAnimationFrame(follow)
  }

  return {
    frame,
    speed,
    isMuted,
    attach(element) {
      video?.removeEventListener('seeked', applySeek)
      video?.removeEventListener('loadeddata', applySeek)
      if (!element) cancelAnimationFrame(tick)
      video = element
      speed.value = 0
      element?.addEventListener('seeked', applySeek)
      element?.addEventListener('loadeddata', applySeek)
      element?.addEventListener('ended', () => {
        const bounds = looping ? range() : undefined
        if (!bounds) return pause()
        seek(bounds.first)
        video?.play().catch(() => pause())
      })
    },
    seek(to) {
      if (speed.value < 0) setSpeed(0)
      looping = false
      seek(to)
    },
    toggle() {
      if (speed.value !== 0) return pause()
      if (frame.value >= lastFrame()) seek(0)
      setSpeed(1)
    },
    pause,
    faster(direction) {
      looping = false
      setSpeed(nextSpeed(speed.value, direction))
    },
    loop() {
      const bounds = range()
      if (!bounds) return
      seek(bounds.first)
      setSpeed(1)
      looping = true
    },
  }
}
