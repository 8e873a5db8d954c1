import { clipNames, type Output } from '#shared/contract/recipe.ts'
import { CutroomError } from '#shared/errors.ts'
import type { Input } from '../ffmpeg/command-line.ts'
import { fileInput } from '../probe/media-input.ts'
import { copiesOfUnusedStreams } from './decoding/enabled-streams.ts'
import type { AudioEncoding, Muxer, VideoEncoding } from './encoders.ts'
import { plain } from './filter-graph.ts'
import { perSecond } from './frame-rate.ts'
import { addAudioFilters, addFrameFilters, type Composition, type OutputPlan } from './outputs.ts'
import { secondsOf, type Timeline } from './timeline.ts'
import type { Plan, PlanContext, PlannedFile, PlannedOutput, PlannedRun } from './types.ts'

/** More files than this are a mistake rather than a wish. */
const MAX_PARTS = 500
/** Parts that one run muxes. Each takes up to two inputs and an output, all of them open. */
export const PARTS_PER_RUN = 50

/** A part: where it starts in the result, how long it is, and its file. */
export type Part = {
  number: string
  firstFrame: number
  from: number
  seconds: number
  planned: PlannedOutput
}

/** What parts are cut from: the one output that a recipe may split, and where its streams lie between the runs. */
type Split = Composition & {
  output: Output
  whole: OutputPlan
  parts: Part[]
  /** A pattern that numbers the files; null without video. */
  videoPattern: string | null
  audioPath: string | null
}

/**
 * Parts and clips: one run decodes and encodes everything once, the video cut at exact frames and the audio whole;
 * then the video and audio of each part are muxed without encoding. Audio that is encoded in pieces, or cut where the
 * video's packets happen to lie, drifts at every seam.
 */
export function planParts(context: PlanContext, composition: Composition): Plan {
  const split = splitOutput(context, composition)
  const { parts, audioPath } = split
  const groups = inGroups(parts, PARTS_PER_RUN)
  return {
    runs: [encodeRun(split), ...groups.map((group) => muxRun(split, group))],
    outputs: parts.map(({ planned }) => planned),
    texts: [],
    scratch: [...parts.map((part) => videoPathOf(split, part)), audioPath].filter((path) => path !== null),
  }
}

/** @throws CutroomError `media.impossible` when there would be more than 500 parts. */
export function requireFewParts({ parts }: Timeline) {
  if (parts.length <= MAX_PARTS) return
  throw new CutroomError(
    'media.impossible',
    `The recipe does not fit its sources: it would give ${parts.length} parts, and a task may have ${MAX_PARTS}. ` +
      'Choose longer parts.',
  )
}

function splitOutput(context: PlanContext, composition: Composition): Split {
  const { streams, timeline } = composition
  const { outputDir } = context
  const [output] = context.outputs
  const [whole] = composition.outputs
  if (!output || !whole) throw new Error('A recipe that splits has one output.')
  return {
    ...composition,
    output,
    whole,
    parts: layOutParts(context, timeline, whole),
    videoPattern: streams.video && `${outputDir}/.video-%0${digitsOf(timeline)}d`,
    audioPath: streams.audio && `${outputDir}/.audio`,
  }
}

const digitsOf = ({ parts }: Timeline): number => Math.max(3, String(parts.length).length)

/** The parts of a result, whose one output is `whole` until it is split. */
export function layOutParts(
  { outputs: [output], outputDir, recipe }: PlanContext,
  timeline: Timeline,
  whole: OutputPlan,
): Part[] {
  if (!output) throw new Error('A recipe that splits has one output.')
  const names = recipe.clips && clipNames(recipe.clips)
  return timeline.parts.map((ticks, i): Part => {
    const firstFrame = timeline.parts.slice(0, i).reduce((sum, each) => sum + each, 0)
    const number = String(i + 1).padStart(digitsOf(timeline), '0')
    const name = `${names?.[i] ?? `${output.name ?? 'part'}-${number}`}.${output.format}`
    const seconds = ticks / perSecond(timeline.target.rate)
    return {
      number,
      firstFrame,
      from: firstFrame / perSecond(timeline.target.rate),
      seconds,
      planned: {
        ...whole.planned,
        name,
        path: `${outputDir}/${name}`,
        expected: whole.planned.expected && {
          ...whole.planned.expected,
          seconds,
          frames: whole.frames && { count: ticks, tolerance: 0 },
        },
        // All is encoded before the first part is muxed.
        streams: false,
      },
    }
  })
}

/** The file of a part's video before it is muxed. */
const videoPathOf = ({ videoPattern }: Split, { number }: Part): string | null =>
  videoPattern?.replace(/%\d+d$/, number) ?? null

/** Encodes the video into one file for each part, and the audio of all into one. */
function encodeRun(split: Split): PlannedRun {
  const { timeline, inputs, graph } = split
  const files = [videoFile(split), audioFile(split)].filter((file) => file !== null)
  const run = { inputs, graph: graph.toString(), seconds: secondsOf(timeline) }
  return { ...run, files: [...files, ...copiesOfUnusedStreams(timeline)] }
}

function videoFile({
  output,
  whole,
  graph,
  streams,
  timeline,
  parts,
  videoPattern,
}: Split): PlannedFile | null {
  if (!streams.video || !whole.frames || !videoPattern) return null
  const later = parts.slice(1)
  return {
    path: videoPattern,
    maps: [graph.map(addFrameFilters(graph, streams.video, whole.frames))],
    // A part starts with a frame that needs no other.
    video: withKeyFrames(
      whole.planned.video,
      later.map(({ from }) => from),
    ),
    audio: null,
    muxer: {
      name: 'segment',
      container: output.format === 'webm' ? 'webm' : output.format === 'mkv' ? 'matroska' : 'mp4',
      // A list of frames must not be empty: a single part names its end.
      startFrames: later.length > 0 ? later.map(({ firstFrame }) => firstFrame) : timeline.parts,
    },
    maxBytes: null,
  }
}

/** The same encoding with key frames at these seconds. */
export const withKeyFrames = (
  video: PlannedOutput['video'],
  keyFramesAt: number[],
): VideoEncoding | 'copy' | null =>
  video !== null && video !== 'copy' && 'keyFramesAt' in video ? { ...video, keyFramesAt } : video

function audioFile({ output, whole, graph, streams, timeline, audioPath }: Split): PlannedFile | null {
  const { audio } = timeline.target
  if (!streams.audio || !audioPath || !audio) return null
  const lossless: AudioEncoding = { encoder: 'pcm_s16le', kbits: null, sampleRate: null, channels: null }
  return {
    path: audioPath,
    maps: [graph.map(addAudioFilters(graph, streams.audio, whole.planned.audio, audio.channels))],
    video: null,
    audio: encodesEachPart(output) ? lossless : whole.planned.audio,
    muxer: wholeAudioMuxer(output),
    maxBytes: null,
  }
}

/**
 * Formats whose audio stays lossless until it is cut into parts. MP3 frames refer to bytes of earlier ones, so that a
 * part of copied frames starts with silence; and WAV is to be cut to the sample.
 */
const encodesEachPart = ({ format }: Output): boolean => format === 'mp3' || format === 'wav'

/**
 * Containers that keep the encoder's delay and find any packet, so that a cut lands where it should. Matroska finds
 * only every fifth second of audio alone.
 */
export function wholeAudioMuxer(output: Output): Muxer {
  if (encodesEachPart(output)) return { name: 'w64' }
  const opus = output.format === 'webm' || output.format === 'ogg'
  return opus ? { name: 'ogg' } : { name: 'mp4', faststart: false }
}

/** Muxes the video and audio of parts. */
function muxRun(split: Split, parts: Part[]): PlannedRun {
  const { output, whole, timeline, audioPath } = split
  const inputsOf = (part: Part): Input[] => {
    const videoPath = videoPathOf(split, part)
    return [
      ...(videoPath ? [scratchInput(videoPath)] : []),
      ...(audioPath ? [scratchInput(audioPath, cutOptions(part))] : []),
    ]
  }
  const { video, audio } = whole.planned
  const streams = (video ? 1 : 0) + (audio ? 1 : 0)
  return {
    graph: '',
    inputs: parts.flatMap(inputsOf),
    files: parts.map(({ planned }, k) => ({
      path: planned.path,
      maps: Array.from({ length: streams }, (_, i) => String(k * streams + i)),
      video: video && 'copy',
      audio: audio && (encodesEachPart(output) ? audio : 'copy'),
      muxer: whole.muxer,
      maxBytes: whole.maxBytes,
    })),
    // Copying is quick, and encoding audio alone nearly so: a small share of the progress.
    seconds: secondsOf(timeline) / 50,
  }
}

/** Input options that cut a part out of a whole stream. */
export const cutOptions = ({ from, seconds }: Part): string[] => ['-ss', plain(from), '-t', plain(seconds)]

function scratchInput(path: string, options: string[] = []): Input {
  const { url, inputOptions } = fileInput(path)
  return { source: url, options: [...inputOptions, ...options] }
}

/** Cuts a list into groups of this size; the last may be smaller. */
export const inGroups = <T>(all: T[], size: number): T[][] =>
  Array.from({ length: Math.ceil(all.length / size) }, (_, i) => all.slice(i * size, (i + 1) * size))
