import { useEffect, useRef } from 'preact/hooks'
import { type Peaks, peakBetween } from './peaks.ts'

type Props = { peaks: Peaks; from: number; to: number }

/** The waveform between two times, in the colour of the text around it. It is drawn again when its size or the theme changes. */
export function WaveformView({ peaks, from, to }: Props) {
  const canvas = useRef<HTMLCanvasElement>(null)
  useEffect(() => {
    const element = canvas.current
    if (!element) return
    const redraw = () => draw(element, peaks, from, to)
    const size = new ResizeObserver(redraw)
    size.observe(element)
    const theme = matchMedia('(prefers-color-scheme: dark)')
    theme.addEventListener('change', redraw)
    return () => {
      size.disconnect()
      theme.removeEventListener('change', redraw)
    }
  })
  return <canvas ref={canvas} class="waveform" />
}

function draw(canvas: HTMLCanvasElement, peaks: Peaks, from: number, to: number): void {
  const scale = devicePixelRatio || 1
  const [width, height] = [Math.round(canvas.clientWidth * scale), Math.round(canvas.clientHeight * scale)]
  if (width === 0 || height === 0) return
  canvas.width = width
  canvas.height = height
  const context = canvas.getContext('2d')
  if (!context) return
  context.fillStyle = getComputedStyle(canvas).color
  const seconds = (to - from) / width
  for (let x = 0; x < width; x++) {
    const level = peakBetween(peaks, from + x * seconds, from + (x + 1) * seconds)
    // Silence is a line.
    const bar = Math.max(scale, level * height)
    context.fillRect(x, (height - bar) / 2, 1, bar)
  }
}
