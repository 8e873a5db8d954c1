import { formatOf } from '#shared/contract/formats.ts'
import type { Output, Recipe } from '#shared/contract/recipe.ts'
import { CutroomError } from '#shared/errors.ts'
import type { Input, Run, RunOutput } from '../ffmpeg/command-line.ts'
import { fileInput } from '../probe/media-input.ts'
import type { Loudness } from './audio-filters.ts'
import { ANONYMOUS, audioOptions, muxerOptions, videoOptions } from './encoders.ts'
import { chain, plain } from './filter-graph.ts'
import { framesIn, perSecond } from './frame-rate.ts'
import type { Layout } from './layout.ts'
import { type OutputShape, shapeOf } from './output-shape.ts'
import type { Target } from './target.ts'
import { type Drawn, drawTimeline } from './timeline.ts'
import type { Plan, PlannedOutput, PlanOptions } from './types.ts'

/** More files than this are a mistake rather than a wish. */
const PARTS_MAX = 500
/** Files that one run has open: each part is two inputs and an output. */
const PARTS_PER_RUN = 50

/** A part: the frame it begins with, counted over all parts; where it begins and how long it is, in seconds. */
type Part = { number: string; firstFrame: number; from: number; seconds: number }

/** What parts are made of: the labels that the graph ends in, how long it all is, and the parts it is cut into. */
type Cut = {
  output: Output
  target: Target
  options: PlanOptions
  chains: string[]
  video: string | null
  audio: string | null
  shape: OutputShape | null
  seconds: number
  parts: Part[]
}

/**
 * Parts of one length: one run decodes and encodes everything once, the picture cut at exact frames and the
 * sound whole; then picture and sound of each part are put together without encoding. Sound that is encoded
 * in pieces beside a picture, or cut where the picture's packets happen to lie, drifts at every seam.
 */
export function planParts(
  recipe: Recipe,
  output: Output,
  layout: Layout,
  target: Target,
  options: PlanOptions,
  loudness?: Loudness,
): Omit<Plan, 'runs'> & { runs: Run[] } {
  const partTicks = framesIn(recipe.split?.every ?? 0, target.rate)
  const drawn = drawTimeline(layout, target, { watermark: recipe.watermark, loudness, partTicks })
  demandFew(drawn.parts.length)
  const cut = cutOf(drawn, { output, target, options })
  return {
    runs: [
      encode(cut, layout.inputs),
      ...inGroups(cut.parts, PARTS_PER_RUN).map((parts) => putTogether(cut, parts)),
    ],
    outputs: cut.parts.map((part) => plannedPart(cut, part)),
    texts: [],
    scratch: [...(target.canvas ? cut.parts.map((part) => pictureOf(cut, part.number)) : []), soundOf(cut)],
    copies: false,
  }
}

function demandFew(count: number) {
  if (count > PARTS_MAX)
    throw new CutroomError(
      'media.impossible',
      `The recipe does not fit: it makes ${count} parts, of at most ${PARTS_MAX}.`,
    )
}

function cutOf(drawn: Drawn, given: Pick<Cut, 'output' | 'target' | 'options'>): Cut {
  const { canvas, sound, rate } = given.target
  const seconds = drawn.parts.reduce((sum, ticks) => sum + ticks, 0) / perSecond(rate)
  const shape = canvas && shapeOf(given.output, canvas, seconds)
  const picture = drawn.video && shape ? scaledTo(shape, drawn.video) : { chains: [], label: null }
  return {
    ...given,
    chains: [...drawn.chains, ...picture.chains],
    video: picture.label,
    audio: sound && drawn.audio,
    shape,
    seconds,
    parts: partsOf(drawn.parts, perSecond(rate)),
  }
}

function partsOf(lengths: number[], framesPerSecond: number): Part[] {
  const digits = Math.max(3, String(lengths.length).length)
  return lengths.map((ticks, i) => {
    const firstFrame = lengths.slice(0, i).reduce((sum, each) => sum + each, 0)
    const number = String(i + 1).padStart(digits, '0')
    return { number, firstFrame, from: firstFrame / framesPerSecond, seconds: ticks / framesPerSecond }
  })
}

/** The picture in pieces, numbered as their parts are, and the sound of all in one. */
function encode(cut: Cut, inputs: Input[]): Run {
  const { chains, video, audio, seconds, parts, output, target } = cut
  const digits = parts[0]?.number.length
  const files: RunOutput[] = []
  if (video) files.push({ path: pictureOf(cut, `%0${digits}d`), options: pictures(cut, video) })
  if (audio && target.sound) {
    const options = ['-map', `[${audio}]`, ...wholeSound(output, target.sound.channels)]
    files.push({ path: soundOf(cut), options })
  }
  return { inputs, graph: chains.join(';'), files, seconds }
}

function pictures({ output, target: { canvas, rate }, shape, options, parts }: Cut, label: string): string[] {
  const later = parts.slice(1)
  const whole = Math.round((parts[0]?.seconds ?? 0) * perSecond(rate))
  const container = output.format === 'webm' ? 'webm' : output.format === 'mkv' ? 'matroska' : 'mp4'
  return [
    ...['-map', `[${label}]`],
    ...(canvas && shape ? videoOptions(output, shape.size, canvas.matrix, options.threads) : []),
    // A part begins with a frame that needs no other.
    ...(later.length > 0 ? ['-force_key_frames', later.map(({ from }) => plain(from)).join()] : []),
    ...['-f', 'segment', '-segment_format', container, '-segment_start_number', '1'],
    ...['-segment_frames', later.map(({ firstFrame }) => firstFrame).join() || String(whole)],
    ...['-reset_timestamps', '1'],
  ]
}

/** Puts the picture and the sound of parts together. */
function putTogether(cut: Cut, parts: Part[]): Run {
  const { output, target, options, seconds } = cut
  const { canvas, sound } = target
  const inputsOf = ({ number, from, seconds }: Part): Input[] => [
    ...(canvas ? [own(pictureOf(cut, number))] : []),
    ...(sound ? [own(soundOf(cut), ['-ss', plain(from), '-t', plain(seconds)])] : []),
  ]
  const streams = (canvas ? 1 : 0) + (sound ? 1 : 0)
  const coding = withoutLoss(output) ? audioOptions(output, sound?.channels) : ['-c', 'copy']
  const limit = ['-fs', String(options.limits.outputBytes)]
  return {
    graph: '',
    inputs: parts.flatMap(inputsOf),
    files: parts.map((part, k) => ({
      path: pathOf(cut, part),
      options: [
        ...Array.from({ length: streams }, (_, i) => ['-map', String(k * streams + i)]).flat(),
        ...[...coding, ...ANONYMOUS, ...limit, ...muxerOptions(output)],
      ],
    })),
    // Copying is quick, and sound alone nearly so: a small share of the progress.
    seconds: seconds / 50,
  }
}

const inGroups = <T>(all: T[], size: number): T[][] =>
  Array.from({ length: Math.ceil(all.length / size) }, (_, i) => all.slice(i * size, (i + 1) * size))

const pictureOf = ({ options }: Cut, number: string) => `${options.outputDir}/.picture-${number}`
const soundOf = ({ options }: Cut) => `${options.outputDir}/.sound`
const nameOf = ({ output }: Cut, { number }: Part) => `${output.name ?? 'part'}-${number}.${output.format}`
const pathOf = (cut: Cut, part: Part) => `${cut.options.outputDir}/${nameOf(cut, part)}`

const own = (path: string, options: string[] = []) => {
  const { url, inputOptions } = fileInput(path)
  return { source: url, options: [...inputOptions, ...options] }
}

/** The picture brought to the size of the output. */
function scaledTo(shape: OutputShape, label: string) {
  const filters = shape.filters('')
  return filters.length === 0
    ? { chains: [], label }
    : { chains: [chain([label], filters, ['vo'])], label: 'vo' }
}

/**
 * Formats whose sound is kept as it is until parts are made of it. MP3 frames lean on bytes of those before them,
 * so that a part of copied ones begins with silence; and WAV is to be cut to the sample.
 */
const withoutLoss = ({ format }: Output): boolean => format === 'mp3' || format === 'wav'

/**
 * Options that encode the sound of all parts, into containers that keep the encoder's delay and find any packet,
 * so that a cut lands where it should. Matroska finds only every fifth second of sound alone.
 */
function wholeSound(output: Output, channels: number): string[] {
  if (withoutLoss(output)) return ['-c:a', 'pcm_s16le', '-f', 'w64']
  const opus = output.format === 'webm' || output.format === 'ogg'
  return [...audioOptions(output, channels), '-f', opus ? 'ogg' : 'mp4']
}

function plannedPart(cut: Cut, part: Part): PlannedOutput {
  const { output, target, shape } = cut
  return {
    name: nameOf(cut, part),
    path: pathOf(cut, part),
    contentType: formatOf(output.format).contentType,
    expected: {
      seconds: part.seconds,
      width: shape?.size.width ?? null,
      height: shape?.size.height ?? null,
      fps: target.canvas && perSecond(target.canvas.rate),
      hasVideo: target.canvas !== null,
      hasAudio: target.sound !== null,
    },
    // All is encoded before the first part is put together.
    streams: false,
  }
}
