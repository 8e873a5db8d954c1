import { hasParts } from '#shared/contract/recipe.ts'
import type { Input } from '../../ffmpeg/command-line.ts'
import type { MediaInput } from '../../probe/media-input.ts'
import { plain } from '../filter-graph.ts'
import type { Rate } from '../frame-rate.ts'
import { type OutputPlan, planOutputs } from '../outputs.ts'
import { cutOptions, inGroups, layOutParts, PARTS_PER_RUN } from '../parts.ts'
import { chooseSnapshots } from '../thumbnails.ts'
import { secondsOf, type Timeline } from '../timeline.ts'
import type { Plan, PlanContext, PlannedOutput, PlannedRun, TextFile } from '../types.ts'
import type { Piece } from './pieces.ts'
import { planSheet } from './plan-chunk.ts'

/** A piece and where ffmpeg can read it. */
export type OpenedPiece<P extends Piece = Piece> = { piece: P; input: MediaInput }

/**
 * What the stitch does: `lists` for ffmpeg are written before its runs, `finished` are files of the result that a job has
 * finished, and `order` has the names of all files of the result.
 */
export type StitchPlan = Plan & { lists: TextFile[]; finished: FinishedOutput[]; order: string[] }

/** A file of the result that needs no stitching. */
export type FinishedOutput = { output: PlannedOutput; piece: Piece }

/** A file of the result that is muxed from video pieces and audio. */
type MuxedFile = { planned: PlannedOutput; output: OutputPlan; inputs: Input[]; list: TextFile }

/**
 * Plans how the pieces of a result become its files, without encoding. `pieces` are in the order of their chunks.
 * @throws CutroomError what planning outputs and thumbnails throws.
 */
export function planStitch(context: PlanContext, whole: Timeline, pieces: OpenedPiece[]): StitchPlan {
  const outputs = planOutputs(context, whole)
  const muxed = outputs.flatMap((output, index) => muxedFiles(context, whole, output, index, pieces))
  const { snapshots, indexes } = hasParts(context.recipe) ? NO_THUMBNAILS : chooseSnapshots(context, whole)
  const sheets = snapshots.filter(({ sheet }) => sheet)
  const tilesOf = (name: string) => ofKind(pieces, 'tiles').filter(({ piece }) => piece.name === name)
  const seconds = secondsOf(whole) / Math.max(1, muxed.length)
  return {
    lists: muxed.map(({ list }) => list),
    runs: [
      ...inGroups(muxed, PARTS_PER_RUN).map((files) => muxRun(files, seconds * files.length)),
      ...sheets.map((sheet) =>
        planSheet(
          sheet,
          tilesOf(sheet.planned.name).map((tile) => toInput(tile)),
        ),
      ),
    ],
    outputs: [
      ...muxed.map(({ planned }) => ({ ...planned, streams: false })),
      ...sheets.map(({ planned }) => planned),
      ...indexes.map(({ output }) => output),
    ],
    finished: [
      ...outputs.flatMap(({ planned, frames }, output): FinishedOutput[] =>
        frames ? [] : [{ output: planned, piece: { kind: 'audio', output } }],
      ),
      ...snapshots.flatMap(({ planned, sheet }): FinishedOutput[] =>
        sheet ? [] : [{ output: planned, piece: { kind: 'image', name: planned.name } }],
      ),
    ],
    texts: indexes.map(({ output: { path }, text }) => ({ path, text })),
    scratch: muxed.map(({ list }) => list.path),
    order: [
      ...outputs.flatMap((output) => [
        output.planned.name,
        ...muxed.filter((file) => file.output === output).map(({ planned }) => planned.name),
      ]),
      ...snapshots.map(({ planned }) => planned.name),
      ...indexes.map(({ output }) => output.name),
    ],
  }
}

const NO_THUMBNAILS = { snapshots: [], indexes: [] }

/** The file of an output that has video, or one for each part of it. */
function muxedFiles(
  context: PlanContext,
  whole: Timeline,
  output: OutputPlan,
  index: number,
  pieces: OpenedPiece[],
): MuxedFile[] {
  if (!output.frames) return []
  const audio = ofKind(pieces, 'audio').find(({ piece }) => piece.output === index)
  const videos = ofKind(pieces, 'video').filter(({ piece }) => piece.output === index)
  const join = (planned: PlannedOutput, part: number, cut: string[]): MuxedFile => {
    const joined = videos.filter(({ piece }) => piece.part === part)
    const list = {
      path: `${context.outputDir}/.list-${index}-${part}`,
      text: concatList(joined, rateOf(output)),
    }
    const inputs = [listInput(list.path, joined), ...(audio ? [toInput(audio, cut)] : [])]
    return { planned, output, inputs, list }
  }
  if (!hasParts(context.recipe)) return [join(output.planned, 0, [])]
  return layOutParts(context, whole, output).map((part, i) => join(part.planned, i, cutOptions(part)))
}

/** Muxes video and audio into files, by stream copy. */
function muxRun(files: MuxedFile[], seconds: number): PlannedRun {
  const firstInputs = files.map((_, i) =>
    files.slice(0, i).reduce((sum, { inputs }) => sum + inputs.length, 0),
  )
  return {
    graph: '',
    inputs: files.flatMap(({ inputs }) => inputs),
    files: files.map(({ planned, output: { muxer, maxBytes }, inputs }, i) => ({
      path: planned.path,
      maps: inputs.map((_, k) => String((firstInputs[i] ?? 0) + k)),
      video: 'copy',
      audio: inputs.length > 1 ? 'copy' : null,
      muxer,
      maxBytes,
    })),
    seconds,
  }
}

type VideoPiece = OpenedPiece<Extract<Piece, { kind: 'video' }>>

/**
 * A list for ffmpeg's concat demuxer, with the options that open each file, and how long it lasts. ffmpeg adds the
 * durations up in microseconds: from the total of frames so far, so that rounding does not add up. URLs and options are
 * the service's own: they hold no quote.
 */
function concatList(videos: VideoPiece[], rate: Rate): string {
  let frames = 0
  const entries = videos.flatMap(({ piece, input: { url, inputOptions } }) => {
    const start = inMicroseconds(frames, rate)
    frames += piece.frames
    return [
      `file '${url}'`,
      ...optionPairs(inputOptions).flatMap(([name, value]) =>
        name === WHITELIST ? [] : [`option ${name.slice(1)} '${value}'`],
      ),
      `duration ${plain((inMicroseconds(frames, rate) - start) / 1e6)}`,
    ]
  })
  return ['ffconcat version 1.0', ...entries, ''].join('\n')
}

const inMicroseconds = (frames: number, { num, den }: Rate): number => Math.round((frames * den * 1e6) / num)

/** The exact frame rate of an output's video. */
function rateOf({ planned: { video } }: OutputPlan): Rate {
  if (video && video !== 'copy' && 'rate' in video) return video.rate
  throw new Error('What is stitched was encoded at a rate.')
}

const WHITELIST = '-protocol_whitelist'

/** The list as an input. It may open what its files may open, and itself. */
function listInput(path: string, [first]: VideoPiece[]): Input {
  const allowed = optionPairs(first?.input.inputOptions ?? []).find(([name]) => name === WHITELIST)?.[1]
  return {
    source: `file:${path}`,
    options: [
      '-f',
      'concat',
      '-safe',
      '0',
      WHITELIST,
      [...new Set(['file', ...(allowed?.split(',') ?? [])])].join(),
    ],
  }
}

const optionPairs = (options: string[]): [name: string, value: string][] =>
  options.flatMap((name, i) => (i % 2 === 0 ? [[name, options[i + 1] ?? '']] : []))

const toInput = ({ input }: OpenedPiece, options: string[] = []): Input => ({
  source: input.url,
  options: [...input.inputOptions, ...options],
})

/** The pieces of one kind. */
const ofKind = <K extends Piece['kind']>(pieces: OpenedPiece[], kind: K) =>
  pieces.filter((stored): stored is OpenedPiece<Extract<Piece, { kind: K }>> => stored.piece.kind === kind)
