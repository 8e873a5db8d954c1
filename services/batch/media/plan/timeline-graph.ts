import { CutroomError } from '#shared/errors.ts'
import { addBumpers, addSourceClip } from './clip-graph.ts'
import { type FilterGraph, plain, type StreamLabels } from './filter-graph.ts'
import { normalize, samplesIn } from './filters/audio-filters.ts'
import { even } from './geometry.ts'
import type { Timeline } from './timeline.ts'

/**
 * Adds a whole result: its content joined, watermarked, normalized, and each part of it set between bumpers.
 * @throws CutroomError `media.impossible` when the watermark does not fit the frame.
 */
export function addTimeline(graph: FilterGraph, timeline: Timeline): StreamLabels {
  const clips = timeline.content.map((clip) => addSourceClip(graph, clip, timeline.target))
  const marked = addWatermark(graph, graph.concat(clips), timeline)
  const content = normalizeContent(graph, marked, timeline)
  if (!timeline.intro && !timeline.outro) return content
  const cuts = cutContent(graph, content, timeline)
  const bumpers = addBumpers(graph, timeline)
  const pieces = cuts.flatMap((cut, i) => [bumpers[i]?.intro, cut, bumpers[i]?.outro])
  return graph.concat(pieces.filter((piece) => piece != null))
}

/** Lays the watermark over a corner of the content, from first frame to last. */
function addWatermark(
  graph: FilterGraph,
  content: StreamLabels,
  { watermark, target: { canvas } }: Timeline,
): StreamLabels {
  if (!content.video || !canvas || !watermark) return content
  const { corner, margin, opacity } = watermark
  const width = even(canvas.width * watermark.width)
  if (margin + width > canvas.width || margin >= canvas.height) {
    throw new CutroomError(
      'media.impossible',
      `The recipe does not fit its sources: a frame of ${canvas.width}x${canvas.height} is too small for a watermark ` +
        `${width} pixels wide with a margin of ${margin}. Choose a smaller watermark or margin.`,
    )
  }
  const x = corner.endsWith('left') ? `${margin}` : `W-w-${margin}`
  const y = corner.startsWith('top') ? `${margin}` : `H-h-${margin}`
  const image = graph.chain(
    [graph.input(watermark.input, 'video')],
    [
      `scale=${width}:-2:out_color_matrix=${canvas.matrix}:out_range=tv`,
      'format=yuva420p',
      ...(opacity < 1 ? [`colorchannelmixer=aa=${plain(opacity)}`] : []),
    ],
  )
  const video = graph.chain([content.video, image], [`overlay=${x}:${y}:format=yuv420`, 'format=yuv420p'])
  return { ...content, video }
}

function normalizeContent(
  graph: FilterGraph,
  content: StreamLabels,
  { cuts, loudness, target: { audio, rate } }: Timeline,
): StreamLabels {
  if (!content.audio || !audio || !loudness) return content
  const samples = samplesIn(sum(cuts), rate, audio)
  return { ...content, audio: graph.chain([content.audio], normalize(loudness, samples, audio)) }
}

/** The content of each part. Frames are passed on by reference, not copied. */
function cutContent(
  graph: FilterGraph,
  content: StreamLabels,
  { cuts, target: { audio, rate } }: Timeline,
): StreamLabels[] {
  if (cuts.length === 1) return [content]
  const ranges = cuts.map((ticks, i) => {
    const from = sum(cuts.slice(0, i))
    return { from, to: from + ticks }
  })
  const samples = (ticks: number) => (audio ? samplesIn(ticks, rate, audio) : 0)
  const videos = content.video ? graph.split(content.video, cuts.length) : []
  const cutVideos = ranges.map(({ from, to }, i) => {
    const trim = [`trim=start_frame=${from}:end_frame=${to}`, 'setpts=PTS-STARTPTS']
    return videos[i] ? graph.chain([videos[i]], trim) : null
  })
  const audios = content.audio ? graph.split(content.audio, cuts.length) : []
  const cutAudios = ranges.map(({ from, to }, i) => {
    const trim = [`atrim=start_sample=${samples(from)}:end_sample=${samples(to)}`, 'asetpts=PTS-STARTPTS']
    return audios[i] ? graph.chain([audios[i]], trim) : null
  })
  return ranges.map((_, i) => ({ video: cutVideos[i] ?? null, audio: cutAudios[i] ?? null }))
}

const sum = (numbers: number[]) => numbers.reduce((total, each) => total + each, 0)
