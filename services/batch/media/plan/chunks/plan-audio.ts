import { toInputs } from '../arguments.ts'
import { copiesOfUnusedStreams } from '../decoding/enabled-streams.ts'
import { createFilterGraph } from '../filter-graph.ts'
import { reportedStreams } from '../filters/frame-reports.ts'
import { addAudioFilters, planOutputs } from '../outputs.ts'
import { wholeAudioMuxer } from '../parts.ts'
import { secondsOf, type Timeline } from '../timeline.ts'
import { addTimeline } from '../timeline-graph.ts'
import type { PlanContext, PlannedFile, PlannedOutput } from '../types.ts'
import type { PiecesPlan, PlannedPiece } from './pieces.ts'
import { audioOnly } from './slice-timeline.ts'

/**
 * Plans the audio of every output that has any, each in one continuous encode: audio encoded in chunks would drift at every
 * seam. An output that is audio alone is finished by it. Each piece has the output of the plan at its own index.
 * @throws CutroomError what planning outputs throws.
 */
export function planAudio(context: PlanContext, whole: Timeline): PiecesPlan {
  const timeline = audioOnly(whole)
  const graph = createFilterGraph()
  const { audio } = addTimeline(graph, timeline)
  const channels = timeline.target.audio?.channels
  if (!audio || !channels) throw new Error('The result has no audio.')
  const outputs = planOutputs(context, whole)
    .map((output, index) => ({ ...output, index }))
    .filter(({ planned }) => planned.audio)
  const copies = graph.split(audio, outputs.length)
  const files: PlannedFile[] = []
  const pieces: PlannedPiece[] = []
  const checked: PlannedOutput[] = []
  for (const [i, { planned, frames, muxer, maxBytes, index }] of outputs.entries()) {
    const copy = copies[i]
    const output = context.outputs[index]
    if (!copy || !output) continue
    const path = `${context.outputDir}/audio-${index}`
    files.push({
      path,
      maps: [graph.map(addAudioFilters(graph, copy, planned.audio, channels))],
      video: null,
      audio: planned.audio,
      muxer: frames ? wholeAudioMuxer(output) : muxer,
      maxBytes,
    })
    pieces.push({ piece: { kind: 'audio', output: index }, path, contentType: planned.contentType })
    const expected = planned.expected && { ...planned.expected, ...WITHOUT_VIDEO }
    checked.push({ ...planned, path, video: null, expected, streams: false })
  }
  const run = {
    inputs: toInputs(timeline, context.limits),
    graph: graph.toString(),
    files: [...files, ...copiesOfUnusedStreams(timeline)],
    seconds: secondsOf(whole),
  }
  const reported = reportedStreams(timeline)
  return { plan: { runs: [run], outputs: checked, texts: [], scratch: [], reported }, pieces }
}

const WITHOUT_VIDEO = { width: null, height: null, fps: null, hasVideo: false, frames: null }
