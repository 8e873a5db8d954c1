import { join } from 'node:path'
import { commandLine } from '#batch/media/ffmpeg/command-line.ts'
import { toRun } from '#batch/media/plan/arguments.ts'
import type { Plan, PlannedFile, PlannedRun } from '#batch/media/plan/types.ts'
import { applyPreset } from '#shared/contract/presets.ts'
import { type Cost, ffmpegCost, sumCosts } from './ffmpeg-cost.ts'
import { fixed, interleave, median, pairwiseRatio, type Report } from './harness.ts'
import { planFile } from './plan-reel.ts'

/** The recipe of the preset parts; the URL of its source is not used. */
const parts = () => applyPreset('parts', [{ url: 'https://example.com/film.mp4' }])

/**
 * The cost of parts compared with one file of the same frames. Without bumpers that is the recipe without its split; with
 * bumpers it is the run that encodes the parts, with its video and audio written to one file.
 */
export async function partsCost(path: string, rounds: number, dir: string) {
  const { bumper: _, ...plain } = parts()
  const whole = await planFile({ ...plain, split: undefined }, path, join(dir, 'whole'))
  const cut = await planFile(plain, path, join(dir, 'cut'))
  const framed = await planFile(parts(), path, join(dir, 'framed'))
  const inOne = intoOneFile(framed, join(dir, 'in-one.mp4'))
  const found = await interleave(
    {
      whole: () => cost(whole.runs),
      cut: () => cost(cut.runs),
      framedWhole: () => cost([inOne]),
      framed: () => cost(framed.runs),
    },
    { rounds },
  )
  const count = framed.outputs.length
  const cases = [
    compare(`${count} parts`, found.cut, found.whole),
    compare(`${count} parts with bumpers`, found.framed, found.framedWhole),
  ]
  return { rows: cases.map(({ row }) => row), targets: cases.map(({ target }) => target) }
}

/** The run that encodes all parts, but into one file: no forced key frames, no cuts. */
function intoOneFile({ runs: [encode] }: Plan, path: string) {
  const [video, audio] = encode?.files ?? []
  if (!encode || !video || !audio) throw new Error('Parts are encoded as one video and one audio output.')
  const file: PlannedFile = {
    path,
    maps: [...video.maps, ...audio.maps],
    video: video.video && withoutKeyFrames(video.video),
    audio: audio.audio,
    muxer: { name: 'mp4', faststart: true },
    maxBytes: null,
  }
  return { ...encode, files: [file] }
}

const withoutKeyFrames = (video: NonNullable<PlannedFile['video']>) =>
  video !== 'copy' && 'keyFramesAt' in video ? { ...video, keyFramesAt: [] } : video

async function cost(runs: PlannedRun[]): Promise<Cost> {
  const costs: Cost[] = []
  for (const run of runs) costs.push(await ffmpegCost(commandLine(toRun(run))))
  return sumCosts(costs)
}

function compare(what: string, ours: Cost[], whole: Cost[]) {
  const cpu = (costs: Cost[]) => costs.map(({ cpuS }) => cpuS)
  const ratio = pairwiseRatio(cpu(ours), cpu(whole))
  const of = (costs: Cost[], pick: (cost: Cost) => number) => fixed(median(costs.map(pick)))
  const target: Report['targets'][number] = {
    what: `${what}: CPU over one file of the same frames`,
    measured: ratio,
    bound: 'at most',
    limit: 1.1,
  }
  const row = [
    what,
    of(ours, ({ wallS }) => wallS),
    of(ours, ({ cpuS }) => cpuS),
    of(ours, ({ peakMB }) => peakMB),
    of(whole, ({ wallS }) => wallS),
    of(whole, ({ cpuS }) => cpuS),
    of(whole, ({ peakMB }) => peakMB),
    fixed(ratio),
  ]
  return { row, target }
}
