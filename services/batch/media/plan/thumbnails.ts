import { CutroomError } from '#shared/errors.ts'
import type { Matrix } from './encoders.ts'
import { perSecond } from './frame-rate.ts'
import { even, type Size } from './geometry.ts'
import type { OutputPlan } from './outputs.ts'
import type { Timeline } from './timeline.ts'
import type { Canvas, PlanContext, PlannedOutput } from './types.ts'

/** The WebVTT index of a sprite sheet. */
export type PlannedIndex = { output: PlannedOutput; text: string }

/** The images of a recipe's thumbnails, and the indexes of their sprite sheets. */
export type Thumbnails = { images: OutputPlan[]; indexes: PlannedIndex[] }

/**
 * An image of the result: which of its frames it shows, and at which size each. `sheet`: how they are laid out when there
 * are several.
 */
export type Snapshot = {
  planned: PlannedOutput
  frames: number[]
  frameSize: Size
  /** Of the result. */
  matrix: Matrix
  sheet: { columns: number; rows: number } | null
}

/**
 * Plans the thumbnails of a recipe.
 * @throws CutroomError `media.impossible` when the poster lies behind the end.
 */
export function planThumbnails(context: PlanContext, timeline: Timeline): Thumbnails {
  const { snapshots, indexes } = chooseSnapshots(context, timeline)
  const images = snapshots.map(
    ({ planned, frames, frameSize, matrix, sheet }): OutputPlan => ({
      planned,
      frames: { filters: [...select(frames, frameSize, matrix), ...tile(sheet)], hasPalette: false },
      muxer: { name: 'image2' },
      maxBytes: null,
    }),
  )
  return { images, indexes }
}

/**
 * Chooses which frames the thumbnails of a recipe show.
 * @throws CutroomError `media.impossible` when the poster lies behind the end.
 */
export function chooseSnapshots(
  { recipe, outputDir }: PlanContext,
  { target: { canvas }, parts: [ticks = 0] }: Timeline,
): { snapshots: Snapshot[]; indexes: PlannedIndex[] } {
  const { poster, stills, sprite } = recipe.thumbnails ?? {}
  if (!canvas) return { snapshots: [], indexes: [] }
  const snapshot = (name: string, frameSize: Size, frames: number[], sheet: Snapshot['sheet'] = null) => {
    const { columns, rows } = sheet ?? { columns: 1, rows: 1 }
    const size = { width: columns * frameSize.width, height: rows * frameSize.height }
    const planned = { ...file(name, outputDir, 'image/jpeg'), size, video: { encoder: 'mjpeg' as const } }
    return { planned, frames, frameSize, matrix: canvas.matrix, sheet }
  }
  const snapshots: Snapshot[] = []
  const indexes: PlannedIndex[] = []
  if (poster) {
    snapshots.push(
      snapshot('poster.jpg', scaledTo(poster.width, canvas), [posterFrame(poster.at, canvas, ticks)]),
    )
  }
  for (const [i, frame] of evenSteps(stills?.count ?? 0, ticks).entries()) {
    const name = `still-${String(i + 1).padStart(2, '0')}.jpg`
    snapshots.push(snapshot(name, scaledTo(stills?.width ?? 0, canvas), [frame]))
  }
  if (sprite) {
    const size = scaledTo(sprite.width, canvas)
    const frames = evenSteps(sprite.count, ticks)
    const columns = Math.min(sprite.columns, frames.length)
    snapshots.push(
      snapshot('sprite.jpg', size, frames, { columns, rows: Math.ceil(frames.length / columns) }),
    )
    const text = spriteIndex(frames.length, columns, size, ticks / perSecond(canvas.rate))
    indexes.push({ output: file('sprite.vtt', outputDir, 'text/vtt'), text })
  }
  return { snapshots, indexes }
}

/** Filters that lay frames out on a sheet. */
export const tile = (sheet: Snapshot['sheet']): string[] =>
  sheet ? [`tile=${sheet.columns}x${sheet.rows}`] : []

function posterFrame(at: number, { rate }: Canvas, ticks: number): number {
  const frame = Math.floor(at * perSecond(rate) + 1e-6)
  if (frame < ticks) return frame
  throw new CutroomError(
    'media.impossible',
    `The recipe does not fit its sources: the poster is to show ${at} s, and the result ends at ` +
      `${Number((ticks / perSecond(rate)).toFixed(3))} s. Choose an earlier time.`,
  )
}

const file = (name: string, dir: string, contentType: string): PlannedOutput => ({
  name,
  path: `${dir}/${name}`,
  contentType,
  video: null,
  audio: null,
  expected: null,
  streams: false,
})

function scaledTo(maxWidth: number, canvas: Canvas): Size {
  const width = Math.min(maxWidth, canvas.width)
  return { width, height: even(Math.round((canvas.height * width) / canvas.width)) }
}

/** Filters that select frames by number and scale them, in the full range and the matrix of JPEG. */
export const select = (frames: number[], { width, height }: Size, matrix: Matrix): string[] => [
  `select=${frames.map((frame) => `eq(n\\,${frame})`).join('+')}`,
  `scale=${width}:${height}:in_color_matrix=${matrix}:out_color_matrix=bt601:out_range=pc`,
  'setsar=1',
]

/** Frames at the middle of equal steps; no frame twice. */
export const evenSteps = (count: number, ticks: number): number[] => [
  ...new Set(Array.from({ length: count }, (_, i) => Math.floor(((i + 0.5) * ticks) / count))),
]

/** The WebVTT index in which players look up the previews of a sprite sheet. */
export function spriteIndex(
  count: number,
  columns: number,
  { width, height }: Size,
  seconds: number,
): string {
  const cues = Array.from({ length: count }, (_, i) => {
    const area = `${(i % columns) * width},${Math.floor(i / columns) * height},${width},${height}`
    const [from, to] = [timestamp((i * seconds) / count), timestamp(((i + 1) * seconds) / count)]
    return `${from} --> ${to}\nsprite.jpg#xywh=${area}\n`
  })
  return ['WEBVTT\n', ...cues].join('\n')
}

function timestamp(seconds: number): string {
  const ms = Math.round(seconds * 1000)
  const two = (value: number) => String(Math.floor(value)).padStart(2, '0')
  const [hours, minutes, rest] = [two(ms / 3_600_000), two((ms / 60_000) % 60), two((ms / 1000) % 60)]
  return `${hours}:${minutes}:${rest}.${String(ms % 1000).padStart(3, '0')}`
}
