import { copiesOfUnusedStreams } from './decoding/enabled-streams.ts'
import type { FilterGraph, StreamLabel } from './filter-graph.ts'
import { addAudioFilters, addFrameFilters, type Composition, type OutputPlan } from './outputs.ts'
import type { Thumbnails } from './thumbnails.ts'
import { secondsOf } from './timeline.ts'
import type { Plan, PlannedFile } from './types.ts'

/** One run that writes every output and thumbnail of a recipe, from one decode. */
export function planSinglePass(composition: Composition, { images, indexes }: Thumbnails): Plan {
  const { timeline, inputs, graph, streams, outputs } = composition
  const files = [...outputs, ...images]
  const videos = share(
    graph,
    streams.video,
    files.filter(({ frames }) => frames),
  )
  const audios = share(
    graph,
    streams.audio,
    files.filter(({ planned }) => planned.audio),
  )
  const written = files.map((file) =>
    writtenFile(graph, file, videos.get(file), audios.get(file), timeline.target.audio?.channels ?? 0),
  )
  return {
    runs: [
      {
        inputs,
        graph: graph.toString(),
        files: [...written, ...copiesOfUnusedStreams(timeline)],
        seconds: secondsOf(timeline),
      },
    ],
    outputs: [...files.map(({ planned }) => planned), ...indexes.map(({ output }) => output)],
    texts: indexes.map(({ output: { path }, text }) => ({ path, text })),
    scratch: [],
  }
}

/** A copy of a stream for each file that wants one. */
function share(graph: FilterGraph, stream: StreamLabel | null, files: OutputPlan[]) {
  const copies = stream && files.length > 0 ? graph.split(stream, files.length) : []
  return new Map(files.map((file, i) => [file, copies[i]]))
}

function writtenFile(
  graph: FilterGraph,
  { planned, frames, muxer, maxBytes }: OutputPlan,
  video: StreamLabel | undefined,
  audio: StreamLabel | undefined,
  channels: number,
): PlannedFile {
  const maps = [
    ...(video && frames ? [graph.map(addFrameFilters(graph, video, frames))] : []),
    ...(audio ? [graph.map(addAudioFilters(graph, audio, planned.audio, channels))] : []),
  ]
  return { path: planned.path, maps, video: planned.video, audio: planned.audio, muxer, maxBytes }
}
