import { useEffect, useRef } from 'preact/hooks'

const COUNT = 12
const HEIGHT = 56
const STEP_TIMEOUT_MS = 3_000

/** Frames of a local file at even intervals, drawn one after the other by a second, hidden video element. */
export function Thumbnails({ src }: { src: string }) {
  const canvas = useRef<HTMLCanvasElement>(null)
  useEffect(() => {
    const stop = new AbortController()
    // Without them the timeline is plain, but works.
    if (canvas.current) draw(canvas.current, src, stop.signal).catch(() => undefined)
    return () => stop.abort()
  }, [src])
  return <canvas ref={canvas} class="thumbnails" height={HEIGHT * 2} width={COUNT * HEIGHT * 3} />
}

async function draw(canvas: HTMLCanvasElement, src: string, stop: AbortSignal): Promise<void> {
  const video = document.createElement('video')
  video.muted = true
  video.preload = 'auto'
  video.src = src
  try {
    await event(video, 'loadeddata', stop)
    const context = canvas.getContext('2d')
    if (!context || video.videoWidth === 0) return
    const width = canvas.width / COUNT
    for (let i = 0; i < COUNT && !stop.aborted; i++) {
      video.currentTime = (video.duration * (i + 0.5)) / COUNT
      await event(video, 'seeked', stop)
      drawCovering(context, video, i * width, width, canvas.height)
    }
  } finally {
    video.removeAttribute('src')
    video.load()
  }
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
