import { formatOf } from '#shared/contract/formats.ts'
import type { Output } from '#shared/contract/recipe.ts'
import { CutroomError } from '#shared/errors.ts'
import type { Input } from '../ffmpeg/command-line.ts'
import {
  cappedRate,
  chooseAudioEncoding,
  chooseVideoEncoding,
  GIF,
  isStreamable,
  MUXERS,
  type Muxer,
} from './encoders.ts'
import type { FilterGraph, StreamLabel, StreamLabels } from './filter-graph.ts'
import { stereoToMono } from './filters/channel-mix.ts'
import { exactRate, framesIn, perSecond, type Rate, rateText } from './frame-rate.ts'
import { even, type Size } from './geometry.ts'
import { secondsOf, type Timeline } from './timeline.ts'
import type { Canvas, Expected, PlanContext, PlannedOutput } from './types.ts'

/** What brings the video of the result to that of one file. A palette is chosen from all frames at once. */
export type FrameFilters = { filters: string[]; hasPalette: boolean }

/** A file of the result with all that was decided about it; `frames` is null when it has no video. */
export type OutputPlan = {
  planned: PlannedOutput
  frames: FrameFilters | null
  muxer: Muxer
  maxBytes: number | null
}

/** A result on its way to a plan: its timeline and inputs, the graph with its streams, and its outputs. */
export type Composition = {
  timeline: Timeline
  inputs: Input[]
  graph: FilterGraph
  streams: StreamLabels
  outputs: OutputPlan[]
}

/**
 * Decides size, rate, encodings and container of each output of a recipe.
 * @throws CutroomError `media.impossible` for a GIF whose frames would not fit into memory.
 */
export const planOutputs = (context: PlanContext, timeline: Timeline): OutputPlan[] =>
  context.outputs.map((output) => planOutput(output, context, timeline))

function planOutput(
  output: Output,
  { outputDir, threads, limits }: PlanContext,
  timeline: Timeline,
): OutputPlan {
  const { kind, contentType } = formatOf(output.format)
  const { canvas, audio } = timeline.target
  const seconds = secondsOf(timeline)
  const shape = kind === 'audio' || !canvas ? null : shapeOf(output, canvas, seconds)
  const hasAudio = kind !== 'silent' && audio !== null
  if (output.format === 'gif' && shape) requireSmallGif(shape, seconds)
  const name = fileName(output)
  const planned: PlannedOutput = {
    name,
    path: `${outputDir}/${name}`,
    contentType,
    video: shape && canvas && chooseVideoEncoding(output, shape, canvas.matrix, threads),
    audio: hasAudio ? chooseAudioEncoding(output, audio.channels) : null,
    expected: {
      seconds,
      frames: shape && expectedFrames(seconds, shape, canvas),
      width: shape?.size.width ?? null,
      height: shape?.size.height ?? null,
      fps: shape && perSecond(shape.rate),
      hasVideo: shape !== null,
      hasAudio,
    },
    streams: isStreamable(output),
  }
  return { planned, frames: shape, muxer: MUXERS[output.format], maxBytes: limits.outputBytes }
}

/** Frames that are dropped to a slower rate may leave one more or less at the end. */
const expectedFrames = (seconds: number, { rate }: Shape, canvas: Canvas | null): Expected['frames'] => ({
  count: framesIn(seconds, rate),
  tolerance: canvas && perSecond(rate) < perSecond(canvas.rate) ? 1 : 0,
})

/** The name of an output's file. */
export const fileName = ({ name, format }: Output): string => `${name ?? 'output'}.${format}`

type Shape = FrameFilters & { size: Size; rate: Rate }

/** Size and rate of an output's video, never larger or faster than the canvas, and the filters that lead there. */
function shapeOf(output: Output, canvas: Canvas, seconds: number): Shape {
  const isGif = output.format === 'gif'
  const width = Math.min(canvas.width, output.width ?? (isGif ? GIF.defaultWidth : canvas.width))
  const height =
    width === canvas.width ? canvas.height : even(Math.round((canvas.height * width) / canvas.width))
  const rate = output.fps ? exactRate(output.fps) : cappedRate(output.format, canvas.rate)
  const slower = perSecond(rate) < perSecond(canvas.rate)
  const filters = [
    // The fps filter may round up to a last frame that starts where the others end.
    ...(slower ? [`fps=${rateText(rate)}`, `trim=end_frame=${framesIn(seconds, rate)}`] : []),
    ...(width === canvas.width ? [] : [`scale=${width}:${height}`, 'setsar=1']),
  ]
  return { size: { width, height }, rate, filters, hasPalette: isGif }
}

/** Adds the filters of a file's video to the graph. */
export function addFrameFilters(
  graph: FilterGraph,
  video: StreamLabel,
  { filters, hasPalette }: FrameFilters,
): StreamLabel {
  const shaped = graph.chain([video], filters)
  if (!hasPalette) return shaped
  const [sample, frames] = graph.duplicate(shaped)
  const palette = graph.chain([sample], ['palettegen=stats_mode=diff'])
  return graph.chain([frames, palette], ['paletteuse=dither=bayer:bayer_scale=4:diff_mode=rectangle'])
}

/** Adds the filters of a file's audio to the graph, whose audio has `channels`. */
export const addAudioFilters = (
  graph: FilterGraph,
  audio: StreamLabel,
  encoding: PlannedOutput['audio'],
  channels: number,
): StreamLabel => {
  const toMono = channels === 2 && encoding !== null && encoding !== 'copy' && encoding.channels === 1
  return graph.chain([audio], toMono ? stereoToMono : [])
}

/** Bytes. ffmpeg holds all frames of a GIF in memory while it chooses the palette. */
const GIF_MAX_FRAME_BYTES = 1024 ** 3
/** Of 4:2:0 video at 8 bits. */
const BYTES_PER_PIXEL = 1.5

function requireSmallGif({ size, rate }: Shape, seconds: number) {
  const pixels = size.width * size.height * perSecond(rate) * seconds
  if (pixels * BYTES_PER_PIXEL <= GIF_MAX_FRAME_BYTES) return
  throw new CutroomError(
    'media.impossible',
    'The recipe does not fit its sources: the GIF would take too much memory. Trim it, or choose a smaller width or fps.',
  )
}
