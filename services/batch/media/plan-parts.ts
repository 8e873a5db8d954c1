import { formatOf } from '#shared/contract/formats.ts'
import type { Output, Recipe } from '#shared/contract/recipe.ts'
import { CutroomError } from '#shared/errors.ts'
import type { Target } from './canvas.ts'
import type { OutputFile, Run } from './command-line.ts'
import { ANONYMOUS, audioOptions, muxerOptions, videoOptions } from './encoders.ts'
import { chain, plain } from './graph-text.ts'
import { fileInput } from './media-input.ts'
import { type OutputShape, shapeOf } from './output-shape.ts'
import type { Plan, PlannedOutput, PlanOptions } from './plan-types.ts'
import { framesIn, perSecond } from './rates.ts'
import type { Layout } from './segments.ts'
import type { Loudness } from './sounds.ts'
import { drawTimeline } from './timeline.ts'

/** More files than this are a mistake rather than a wish. */
const PARTS_MAX = 500
/** Files that one run has open: each part is two inputs and an output. */
const PARTS_PER_RUN = 50

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
  const count = drawn.parts.length
  if (count > PARTS_MAX)
    throw new CutroomError(
      'media.impossible',
      `The recipe does not fit: it makes ${count} parts, of at most ${PARTS_MAX}.`,
    )
  const { canvas, sound } = target
  const per = perSecond(target.rate)
  const starts = drawn.parts.map((_, i) => drawn.parts.slice(0, i).reduce((sum, ticks) => sum + ticks, 0))
  const seconds = drawn.parts.reduce((sum, ticks) => sum + ticks, 0) / per
  const shape = canvas && shapeOf(output, canvas, seconds)
  const picture = drawn.video && shape ? scaledTo(shape, drawn.video) : { chains: [], label: null }
  const scratch = (name: string) => `${options.outputDir}/.${name}`
  const digits = Math.max(3, String(count).length)
  const numbered = (i: number) => String(i + 1).padStart(digits, '0')
  const container = output.format === 'webm' ? 'webm' : output.format === 'mkv' ? 'matroska' : 'mp4'
  const encode: Run = {
    inputs: layout.inputs,
    graph: [...drawn.chains, ...picture.chains].join(';'),
    files: [
      ...(canvas && shape && picture.label
        ? [
            {
              path: scratch(`picture-%0${digits}d`),
              options: [
                ...[
                  '-map',
                  `[${picture.label}]`,
                  ...videoOptions(output, shape.size, canvas.matrix, options.threads),
                ],
                // A part begins with a frame that needs no other.
                ...(count > 1
                  ? [
                      '-force_key_frames',
                      starts
                        .slice(1)
                        .map((ticks) => plain(ticks / per))
                        .join(),
                    ]
                  : []),
                ...['-f', 'segment', '-segment_format', container, '-segment_start_number', '1'],
                ...[
                  '-segment_frames',
                  starts.slice(1).join() || String(drawn.parts[0]),
                  '-reset_timestamps',
                  '1',
                ],
              ],
            },
          ]
        : []),
      ...(sound && drawn.audio
        ? [
            {
              path: scratch('sound'),
              options: ['-map', `[${drawn.audio}]`, ...wholeSound(output, sound.channels)],
            },
          ]
        : []),
    ],
    seconds,
  }
  const planned = drawn.parts.map((ticks, i) =>
    plannedPart(output, numbered(i), ticks / per, { target, shape }, options),
  )
  const mux = (from: number): Run => {
    const places = planned.map((_, i) => i).slice(from, from + PARTS_PER_RUN)
    const streams = [canvas ? 1 : 0, sound ? 1 : 0].reduce((sum, one) => sum + one, 0)
    return {
      graph: '',
      inputs: places.flatMap((i) => [
        ...(canvas ? [own(scratch(`picture-${numbered(i)}`))] : []),
        ...(sound
          ? [
              own(scratch('sound'), [
                '-ss',
                plain((starts[i] ?? 0) / per),
                '-t',
                plain((drawn.parts[i] ?? 0) / per),
              ]),
            ]
          : []),
      ]),
      files: places.map(
        (i, k): OutputFile => ({
          path: planned[i]?.path ?? '',
          options: [
            ...Array.from({ length: streams }, (_, s) => ['-map', String(k * streams + s)]).flat(),
            ...(withoutLoss(output) ? audioOptions(output, sound?.channels) : ['-c', 'copy']),
            ...ANONYMOUS,
            ...['-fs', String(options.limits.outputBytes), ...muxerOptions(output)],
          ],
        }),
      ),
      // Copying is quick, and sound alone nearly so: a small share of the progress.
      seconds: seconds / 50,
    }
  }
  const muxes = Array.from({ length: Math.ceil(count / PARTS_PER_RUN) }, (_, i) => mux(i * PARTS_PER_RUN))
  const scratches = [
    ...(canvas ? planned.map((_, i) => scratch(`picture-${numbered(i)}`)) : []),
    scratch('sound'),
  ]
  return { runs: [encode, ...muxes], outputs: planned, texts: [], scratch: scratches, copies: false }
}

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

function plannedPart(
  output: Output,
  number: string,
  seconds: number,
  { target: { canvas, sound }, shape }: { target: Target; shape: OutputShape | null },
  options: PlanOptions,
): PlannedOutput {
  const name = `${output.name ?? 'part'}-${number}.${output.format}`
  return {
    name,
    path: `${options.outputDir}/${name}`,
    contentType: formatOf(output.format).contentType,
    expected: {
      seconds,
      width: shape?.size.width ?? null,
      height: shape?.size.height ?? null,
      fps: canvas && perSecond(canvas.rate),
      hasVideo: canvas !== null,
      hasAudio: sound !== null,
    },
    // All is encoded before the first part is put together.
    streams: false,
  }
}
