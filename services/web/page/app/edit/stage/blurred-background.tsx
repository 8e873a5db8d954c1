import type { RefObject } from 'preact'
import { useEffect, useRef } from 'preact/hooks'
import type { Size } from '../choices.ts'

/** The service blurs a copy of an eighth of the size, too. */
const REDUCTION = 8
/** Of the blur, in pixels of the frame. */
const SIGMA = 4 * REDUCTION

/** A blurred copy of the video behind it, covering the frame. */
export function BlurredBackground({
  video,
  size,
  frame,
}: {
  video: RefObject<HTMLVideoElement | null>
  size: Size
  frame: Size
}) {
  const canvas = useRef<HTMLCanvasElement>(null)
  useEffect(() => {
    const element = video.current
    const context = canvas.current?.getContext('2d')
    if (!element || !context) return
    const draw = () => drawCovering(context, element, size)
    if (element.readyState >= HTMLMediaElement.HAVE_CURRENT_DATA) draw()
    return onEachFrame(element, draw)
  }, [video.current, size.width, size.height, frame.width, frame.height])
  return (
    <canvas
      ref={canvas}
      class="blurred"
      width={Math.ceil(frame.width / REDUCTION)}
      height={Math.ceil(frame.height / REDUCTION)}
      style={{ filter: `blur(${(SIGMA / frame.width) * 100}cqw) brightness(0.9)` }}
    />
  )
}

/** Fills the canvas with the middle of the video. */
function drawCovering(context: CanvasRenderingContext2D, video: HTMLVideoElement, size: Size): void {
  const { width, height } = context.canvas
  const scale = Math.max(width / size.width, height / size.height)
  const [w, h] = [size.width * scale, size.height * scale]
  context.drawImage(video, (width - w) / 2, (height - h) / 2, w, h)
}

/** Calls back for each frame that is shown. Returns what ends it. */
function onEachFrame(video: HTMLVideoElement, draw: () => void): () => void {
  let handle = 0
  const next = () => {
    draw()
    handle = video.requestVideoFrameCallback(next)
  }
  handle = video.requestVideoFrameCallback(next)
  return () => video.cancelVideoFrameCallback(handle)
}
