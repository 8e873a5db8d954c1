import type { Thumbnails } from '#shared/contract/recipe.ts'
import { CutroomError } from '#shared/errors.ts'
import { perSecond } from './frame-rate.ts'
import { even, type Size } from './geometry.ts'
import type { Wanted } from './single-pass.ts'
import type { Canvas } from './target.ts'
import type { PlannedOutput, TextFile } from './types.ts'

type WantedPicture = Wanted & { output: PlannedOutput; more?: PlannedOutput[] }
type WantedText = { file: TextFile; output: PlannedOutput }

const JPEG = [
  '-c:v',
  'mjpeg',
  '-q:v',
  '3',
  '-pix_fmt',
  'yuvj420p',
  '-fps_mode',
  'passthrough',
  '-f',
  'image2',
]

/** The pictures a recipe wants out of its result, and the index of its sprite sheet. */
export function planThumbnails(
  thumbnails: Thumbnails | undefined,
  canvas: Canvas,
  ticks: number,
  outputDir: string,
): { wanted: WantedPicture[]; texts: WantedText[] } {
  const { poster, stills, sprite } = thumbnails ?? {}
  const file = (name: string) => `${outputDir}/${name}`
  const wanted: WantedPicture[] = []
  const texts: WantedText[] = []
  if (poster) {
    const frame = Math.floor(poster.at * perSecond(canvas.rate) + 1e-6)
    if (frame >= ticks)
      throw new CutroomError(
        'media.impossible',
        `The recipe does not fit: its poster is to show ${poster.at} s, behind the end.`,
      )
    const size = scaled(canvas, poster.width)
    wanted.push(picture('poster.jpg', file('poster.jpg'), size, selecting([frame], size)))
  }
  if (stills) {
    const size = scaled(canvas, stills.width)
    const frames = evenSteps(stills.count, ticks)
    for (const [i, frame] of frames.entries()) {
      const name = `still-${String(i + 1).padStart(2, '0')}.jpg`
      wanted.push(picture(name, file(name), size, selecting([frame], size)))
    }
  }
  if (sprite) {
    const size = scaled(canvas, sprite.width)
    const frames = evenSteps(sprite.count, ticks)
    const columns = Math.min(sprite.columns, frames.length)
    const rows = Math.ceil(frames.length / columns)
    const filters = [...selecting(frames, size), `tile=${columns}x${rows}`]
    const sheet = { width: columns * size.width, height: rows * size.height }
    wanted.push(picture('sprite.jpg', file('sprite.jpg'), sheet, filters))
    const text = spriteIndex(frames.length, columns, size, ticks / perSecond(canvas.rate))
    texts.push({
      file: { path: file('sprite.vtt'), text },
      output: named('sprite.vtt', file('sprite.vtt'), 'text/vtt'),
    })
  }
  return { wanted, texts }
}

const named = (name: string, path: string, contentType: string): PlannedOutput => ({
  name,
  path,
  contentType,
  expected: null,
  streams: false,
})

const picture = (name: string, path: string, size: Size, filters: string[]): WantedPicture => ({
  path,
  video: filters,
  audio: null,
  options: [...JPEG, '-frames:v', '1', '-update', '1'],
  output: { ...named(name, path, 'image/jpeg'), size },
})

const scaled = (canvas: Canvas, width: number): Size => {
  const across = Math.min(width, canvas.width)
  return { width: across, height: even(Math.round((canvas.height * across) / canvas.width)) }
}

/** Filters that take frames by number, scaled, in the full range that JPEG has. */
const selecting = (frames: number[], { width, height }: Size): string[] => [
  `select=${frames.map((frame) => `eq(n\\,${frame})`).join('+')}`,
  `scale=${width}:${height}:out_range=pc`,
  'setsar=1',
]

/** Frames at the middle of equal steps; no frame twice. */
export const evenSteps = (count: number, ticks: number): number[] => [
  ...new Set(Array.from({ length: count }, (_, i) => Math.floor(((i + 0.5) * ticks) / count))),
]

/** The WebVTT index that players look previews up in. */
export function spriteIndex(
  count: number,
  columns: number,
  { width, height }: Size,
  seconds: number,
): string {
  const cues = Array.from({ length: count }, (_, i) => {
    const at = `${(i % columns) * width},${Math.floor(i / columns) * height},${width},${height}`
    return `${clock((i * seconds) / count)} --> ${clock(((i + 1) * seconds) / count)}\nsprite.jpg#xywh=${at}\n`
  })
  return ['WEBVTT\n', ...cues].join('\n')
}

function clock(seconds: number): string {
  const ms = Math.round(seconds * 1000)
  const two = (value: number) => String(Math.floor(value)).padStart(2, '0')
  return `${two(ms / 3_600_000)}:${two((ms / 60_000) % 60)}:${two((ms / 1000) % 60)}.${String(ms % 1000).padStart(3, '0')}`
}
