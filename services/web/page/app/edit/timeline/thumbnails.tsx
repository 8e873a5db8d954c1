import { useEffect, useRef } from 'preact/hooks'

/** Width over height of a thumbnail: no wider than most videos are. */
const WIDEST = 16 / 9
/** Pixels of a thumbnail for each of the screen's, as many have two. */
const DENSITY = 2
const STEP_TIMEOUT_MS = 3_000
/** The view moves in many small steps; thumbnails follow when it rests. */
const REST_MS = 250

type Props = { src: string; from: number; to: number }

/** Frames of a source at even intervals between two times, drawn one after the other by a second, hidden video element. */
export function Thumbnails({ src, from, to }: Props) {
  const canvas = useRef<HTMLCanvasElement>(null)
  const video = useRef<HTMLVideoElement>(undefined)
  useEffect(() => {
    const element = document.createElement('video')
    element.muted = true
    // Of what is not on this device, no more is read than is drawn.
    element.preload = src.startsWith('blob:') ? 'auto' : 'metadata'
    element.src = src
    video.current = element
    return () => {
      element.removeAttribute('src')
      element.load()
    }
  }, [src])
  useEffect(() => {
    const stop = new AbortController()
    const timer = setTimeout(() => {
      if (!canvas.current || !video.current) return
      // Without them the timeline is plain, but works.
      draw(canvas.current, video.current, { from, to }, stop.signal).catch(() => undefined)
    }, REST_MS)
    return () => {
      clearTimeout(timer)
      stop.abort()
    }
  }, [src, from, to])
  return <canvas ref={canvas} class="thumbnails" />
}

async function draw(
  canvas: HTMLCanvasElement,
  video: HTMLVideoElement,
  { from, to }: { from: number; to: number },
  stop: AbortSignal,
): Promise<void> {
  if (video.readyState < HTMLMediaElement.HAVE_CURRENT_DATA) await event(video, 'loadeddata', stop)
  const context = canvas.getContext('2d')
  if (!context || video.videoWidth === 0) return
  const { clientWidth, clientHeight } = canvas
  resize(canvas, DENSITY * clientWidth, DENSITY * clientHeight)
  const shape = Math.max(1, Math.min(WIDEST, video.videoWidth / video.videoHeight))
  const count = Math.max(1, Math.round(clientWidth / clientHeight / shape))
  const width = canvas.width / count
  for (let i = 0; i < count && !stop.aborted; i++) {
    video.currentTime = from + ((to - from) * (i + 0.5)) / count
    await event(video, 'seeked', stop)
    drawCovering(context, video, i * width, width, canvas.height)
  }
}

/** Setting the size of a canvas empties it, even where it stays the same. */
function resize(canvas: HTMLCanvasElement, width: number, height: number) {
  if (canvas.width !== width) canvas.width = width
  if (canvas.height !== height) canvas.height = height
}

/** Fills the box with the middle of the frame. */
function drawCovering(
  context: CanvasRenderingContext2D,
  video: HTMLVideoElement,
  x: number,
  width: number,
  height: number,
) {
  const scale = Math.max(width / video.videoWidth, height / video.videoHeight)
  const [w, h] = [width / scale, height / scale]
  context.drawImage(video, (video.videoWidth - w) / 2, (video.videoHeight - h) / 2, w, h, x, 0, width, height)
}

function event(video: HTMLVideoElement, name: string, stop: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const signal = AbortSignal.any([stop, AbortSignal.timeout(STEP_TIMEOUT_MS)])
    video.addEventListener(name, () => resolve(), { once: true, signal })
    signal.addEventListener('abort', () => reject(signal.reason))
  })
}
