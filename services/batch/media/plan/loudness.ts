import type { Run } from '../ffmpeg/command-line.ts'
import { toInputs, toRun } from './arguments.ts'
import { copiesOfUnusedStreams } from './decoding/enabled-streams.ts'
import { createFilterGraph } from './filter-graph.ts'
import { measureLoudness } from './filters/audio-filters.ts'
import { chooseTarget } from './target.ts'
import { layOutTimeline, secondsOf } from './timeline.ts'
import { addTimeline } from './timeline-graph.ts'
import type { PlanContext } from './types.ts'

/**
 * The run that prints the loudness of a recipe's content. Only audio is decoded; video is read where it decides what the timestamps
 * of its file mean. `channels`: the number that it will have in the result, by default that of the sources: mono at full level in
 * both stereo channels is 3 LU louder.
 * @throws CutroomError `media.impossible` when no source has audio.
 */
export function planLoudnessRun(context: PlanContext, channels?: 1 | 2): Run {
  const content: PlanContext = {
    ...context,
    // Nothing of what is added around and above the content.
    recipe: { sources: context.recipe.sources, audio: 'keep' },
    outputs: [{ format: 'wav', ...(channels && { channels }) }],
    loudness: undefined,
  }
  const timeline = layOutTimeline(content, chooseTarget(content))
  const graph = createFilterGraph()
  const { audio } = addTimeline(graph, timeline)
  if (!audio) throw new Error('An audio recipe has audio.')
  const measured = graph.map(graph.chain([audio], measureLoudness))
  // The filter prints its findings at this log level.
  const printed = { path: '-', options: ['-map', measured, '-loglevel', 'info', '-f', 'null'] }
  const { files, ...run } = toRun({
    inputs: toInputs(timeline, context.limits),
    graph: graph.toString(),
    files: copiesOfUnusedStreams(timeline),
    seconds: secondsOf(timeline),
  })
  return { ...run, files: [printed, ...files] }
}
