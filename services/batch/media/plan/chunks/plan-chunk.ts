import { hasParts } from '#shared/contract/recipe.ts'
import { toInputs } from '../arguments.ts'
import { copiesOfUnusedStreams } from '../decoding/enabled-streams.ts'
import type { Muxer } from '../encoders.ts'
import { createFilterGraph, type FilterGraph, type StreamLabel } from '../filter-graph.ts'
import { reportedStreams } from '../filters/frame-reports.ts'
import { perSecond } from '../frame-rate.ts'
import { addFrameFilters, type OutputPlan, planOutputs } from '../outputs.ts'
import { withKeyFrames } from '../parts.ts'
import { chooseSnapshots, type Snapshot, select, tile } from '../thumbnails.ts'
import { secondsOf, type Timeline } from '../timeline.ts'
import { addTimeline } from '../timeline-graph.ts'
import type { PlanContext, PlannedFile, PlannedOutput, PlannedRun } from '../types.ts'
import type { PiecesPlan, PlannedPiece } from './pieces.ts'
import { bordersOf, type TickRange } from './slice-timeline.ts'

/**
 * Plans the video of a range of the result: of every output that has video, and of the thumbnails that show one of its
 * frames. All come from one decode. `slice` is the timeline of the range, `whole` that of the result.
 * @throws CutroomError what planning outputs and watermark throws.
 */
export function planChunk(
  context: PlanContext,
  whole: Timeline,
  slice: Timeline,
  range: TickRange,
): PiecesPlan {
  const graph = createFilterGraph()
  const { video } = addTimeline(graph, slice)
  if (!video) throw new Error('A chunk has video.')
  const branches = [
    ...planOutputs(context, slice)
      .map((output, index) => ({ output, index }))
      .filter(({ output }) => output.frames)
      .map(
        ({ output, index }) =>
          (copy: StreamLabel) =>
            videoBranch(graph, copy, output, { index, whole, slice, range, dir: context.outputDir }),
      ),
    ...snapshotsWithin(context, whole, slice, range).map(
      (snapshot) => (copy: StreamLabel) => snapshotBranch(graph, copy, snapshot, context.outputDir),
    ),
  ]
  const copies = graph.split(video, branches.length)
  const written = branches.flatMap((branch, i) => (copies[i] ? [branch(copies[i])] : []))
  const run = {
    inputs: toInputs(slice, context.limits),
    graph: graph.toString(),
    files: [...written.map(({ file }) => file), ...copiesOfUnusedStreams(slice)],
    seconds: secondsOf(slice),
  }
  const outputs = written.flatMap((branch) => branch.outputs)
  return {
    plan: { runs: [run], outputs, texts: [], scratch: [], reported: reportedStreams(slice) },
    pieces: written.flatMap(({ pieces }) => pieces),
  }
}

/** A file that the run writes, or several of one pattern: what it holds, and what the check of it must find. */
type Branch = { file: PlannedFile; pieces: PlannedPiece[]; outputs: PlannedOutput[] }

type Position = { index: number; whole: Timeline; slice: Timeline; range: TickRange; dir: string }

/** The video of one output, cut where a part ends. Always in MP4, which keeps every timestamp exactly. */
function videoBranch(
  graph: FilterGraph,
  copy: StreamLabel,
  { planned, frames, maxBytes }: OutputPlan,
  { index, whole, slice, range, dir }: Position,
): Branch {
  if (!frames) throw new Error('An output without video has no branch.')
  const rate = slice.target.rate
  const starts = bordersOf(slice.parts).slice(1, -1)
  const pattern = `${dir}/video-${index}${starts.length > 0 ? '-%03d' : ''}`
  const muxer: Muxer =
    starts.length > 0
      ? { name: 'segment', container: 'mp4', startFrames: starts, startsAtZero: true }
      : { name: 'mp4', faststart: false }
  const firstPart = bordersOf(whole.cuts).findLastIndex((border) => border <= range.from)
  const fps = planned.expected?.fps ?? perSecond(rate)
  const files = slice.parts.map((ticks, i) => {
    const seconds = ticks / perSecond(rate)
    return {
      part: firstPart + i,
      path: pattern.replace('%03d', String(i + 1).padStart(3, '0')),
      seconds,
      count: Math.max(1, Math.round(seconds * fps)),
    }
  })
  return {
    file: {
      path: pattern,
      maps: [graph.map(addFrameFilters(graph, copy, frames))],
      video: withKeyFrames(
        planned.video,
        starts.map((frame) => frame / perSecond(rate)),
      ),
      audio: null,
      muxer,
      maxBytes: starts.length > 0 ? null : maxBytes,
    },
    pieces: files.map(({ part, path, count }) => ({
      piece: { kind: 'video', output: index, part, frames: count },
      path,
      contentType: 'video/mp4',
    })),
    outputs: files.map(({ path, seconds, count }) => ({
      ...planned,
      name: `A chunk of ${planned.name}`,
      path,
      audio: null,
      // Chunks are joined by counting: not one frame more or less.
      expected: planned.expected && {
        ...planned.expected,
        seconds,
        hasAudio: false,
        frames: { count, tolerance: 0 },
      },
      streams: false,
    })),
  }
}

/** The thumbnails that show frames of a chunk, with the numbers of these frames within the chunk. */
function snapshotsWithin(
  context: PlanContext,
  whole: Timeline,
  slice: Timeline,
  range: TickRange,
): Snapshot[] {
  if (hasParts(context.recipe)) return []
  const first = range.from === 0 ? 0 : range.from + (whole.intro?.ticks ?? 0)
  const end = first + slice.parts.reduce((total, each) => total + each, 0)
  return chooseSnapshots(context, whole).snapshots.flatMap((snapshot) => {
    const frames = snapshot.frames.filter((frame) => frame >= first && frame < end)
    return frames.length > 0 ? [{ ...snapshot, frames: frames.map((frame) => frame - first) }] : []
  })
}

/** An image, finished; or the frames of a sheet that is put together once all of them are there. */
function snapshotBranch(
  graph: FilterGraph,
  copy: StreamLabel,
  { planned, frames, frameSize, matrix, sheet }: Snapshot,
  dir: string,
): Branch {
  const path = `${dir}/${planned.name}`
  const shown = graph.chain([copy], select(frames, frameSize, matrix))
  const { name } = planned
  return {
    file: {
      path,
      maps: [graph.map(shown)],
      video: sheet ? { encoder: 'rawvideo' } : planned.video,
      audio: null,
      muxer: { name: sheet ? 'nut' : 'image2' },
      maxBytes: null,
    },
    pieces: [
      sheet
        ? { piece: { kind: 'tiles', name }, path, contentType: 'application/octet-stream' }
        : { piece: { kind: 'image', name }, path, contentType: planned.contentType },
    ],
    outputs: sheet ? [] : [planned],
  }
}

/** The range of JPEG, which uncompressed frames in a file do not tell. The sheet's empty corner must have it as well. */
const FULL_RANGE = ['scale=in_range=pc:out_range=pc', 'format=yuvj420p']

/** The run that puts a sheet together from the frames that its chunks left, in order. */
export function planSheet({ planned, sheet }: Snapshot, inputs: PlannedRun['inputs']): PlannedRun {
  const graph = createFilterGraph()
  const joined = graph.concat(inputs.map((_, i) => ({ video: graph.input(i, 'video'), audio: null }))).video
  if (!joined) throw new Error('A sheet has frames.')
  const laidOut = graph.map(graph.chain([joined], [...FULL_RANGE, 'setsar=1', ...tile(sheet)]))
  return {
    inputs,
    graph: graph.toString(),
    files: [
      {
        path: planned.path,
        maps: [laidOut],
        video: { encoder: 'mjpeg' },
        audio: null,
        muxer: { name: 'image2' },
        maxBytes: null,
      },
    ],
    seconds: 1,
  }
}
