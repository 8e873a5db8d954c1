import { rm, stat } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { FULL_HD, generateClip, h264, openScratch } from './clips.ts'
import { compareToIdeal, type Earlier, earlierRuns } from './earlier-systems.ts'
import { type Cost, ffmpegCost, sumCosts } from './ffmpeg-cost.ts'
import { type BenchOptions, fixed, interleave, median, pairwiseRatio, type Report } from './harness.ts'
import { partsCost } from './parts.ts'
import { planReel } from './plan-reel.ts'
import { roofline } from './roofline.ts'

type Trial = { name: string; path: string; rounds: number; memoryMB: number; isFullHd?: boolean }
type Outcome = { cost: Cost; bytes: number } | { failed: string }

const VP9 = [
  '-c:v',
  'libvpx-vp9',
  '-deadline',
  'realtime',
  '-cpu-used',
  '8',
  '-row-mt',
  '1',
  '-b:v',
  '5M',
  '-g',
  '48',
]

/** The product's single pass compared with the two runs of earlier systems, and with the sum of its unavoidable steps. */
export async function media({ rounds, clip }: BenchOptions): Promise<Report> {
  await using scratch = await openScratch()
  const rows: string[][] = []
  const parts: string[][] = []
  const targets: Report['targets'] = []
  for await (const trial of trials(scratch.dir, rounds, clip)) {
    const found = await compare(trial, scratch.dir)
    rows.push(...found.rows)
    parts.push(found.parts)
    targets.push(...found.targets)
    if (trial.path !== clip) await rm(trial.path)
  }
  const film = clip ?? (await generateClip(scratch.dir, 'film', { width: 1280, height: 720, seconds: 70 }))
  const cut = await partsCost(film, rounds ?? 5, scratch.dir)
  targets.push(...cut.targets)
  return {
    title: 'Media',
    notes: [
      'The preset reel (18 s to 640x360, a second of logo before and after) of generated clips with film grain. ' +
        'Earlier systems: one run trims and pads (x264 medium, crf 23), a second joins the logo on both ends and drops ' +
        "the audio. Product: the arguments of the product's planner, with audio. Interleaved rounds; CPU is user and " +
        'system time of all threads, SSIM that of the middle 18 s against an accurate bicubic scale.',
      'Roofline: demuxing, decoding and scaling; encoding the finished frames; transcoding the audio, each measured ' +
        "alone in the same rounds. Distance is the product's CPU over their sum.",
      'Parts: the preset parts, without and with its bumpers, of 70 s of 720p, compared with one pass that writes the ' +
        'same frames to one file.',
    ],
    tables: [
      { head: ['clip', 'way', 'wall s', 'CPU s', 'peak MB', 'SSIM', 'bytes'], rows },
      {
        head: ['clip', 'decode + scale', 'encode', 'audio', 'sum CPU s', 'product CPU s', 'distance'],
        rows: parts,
      },
      {
        head: ['parts', 'wall s', 'CPU s', 'peak MB', 'one file: wall s', 'CPU s', 'peak MB', 'ratio of CPU'],
        rows: cut.rows,
      },
    ],
    targets,
  }
}

/** The clips, each generated when it is needed. */
async function* trials(
  dir: string,
  rounds: number | undefined,
  clip: string | undefined,
): AsyncGenerator<Trial> {
  if (clip) yield { name: basename(clip), path: clip, rounds: rounds ?? 5, memoryMB: 400 }
  const hd = await generateClip(dir, 'hd', FULL_HD)
  yield { name: '1080p', path: hd, rounds: rounds ?? 7, memoryMB: 200, isFullHd: true }
  const ts = await generateClip(dir, 'ts', { ...FULL_HD, extension: 'ts' })
  yield { name: 'MPEG-TS 1080p', path: ts, rounds: rounds ?? 3, memoryMB: 200 }
  const tall = await generateClip(dir, 'tall', { width: 1080, height: 1920, seconds: 20 })
  yield { name: 'vertical', path: tall, rounds: rounds ?? 3, memoryMB: 200 }
  const vp9 = await generateClip(dir, 'vp9', { ...FULL_HD, seconds: 20, video: VP9, extension: 'webm' })
  yield { name: 'VP9 1080p', path: vp9, rounds: rounds ?? 3, memoryMB: 200 }
  const uhd = await generateClip(dir, 'uhd', { width: 3840, height: 2160, seconds: 20, video: h264('20M') })
  yield { name: '4K', path: uhd, rounds: rounds ?? 3, memoryMB: 400 }
}

async function compare({ name, path, rounds, memoryMB, isFullHd }: Trial, dir: string) {
  const [ours, theirs] = [join(dir, 'ours'), join(dir, 'theirs')]
  const plan = await planReel(path, ours)
  const earlier = earlierRuns(path, theirs)
  const roof = await roofline(path, plan.run, dir)
  const found = await interleave(
    {
      earlier: () => runEarlier(earlier),
      ours: async () =>
        ({ cost: await ffmpegCost(plan.args), bytes: (await stat(plan.output)).size }) as Outcome,
      decode: async () => ({ cost: await ffmpegCost(roof.decode), bytes: 0 }) as Outcome,
      encode: async () => ({ cost: await ffmpegCost(roof.encode), bytes: 0 }) as Outcome,
      audio: async () => ({ cost: await ffmpegCost(roof.audio), bytes: 0 }) as Outcome,
    },
    { rounds, warmUps: 0 },
  )
  const cpu = (outcomes: Outcome[]) => outcomes.map((each) => ('cost' in each ? each.cost.cpuS : Number.NaN))
  const sums = cpu(found.decode).map((s, i) => s + (cpu(found.encode)[i] ?? 0) + (cpu(found.audio)[i] ?? 0))
  const distance = pairwiseRatio(cpu(found.ours), sums)
  const quality = { ours: await ssim(plan.output, path), earlier: Number.NaN }
  const failure = found.earlier.find((each) => 'failed' in each)
  if (!failure) quality.earlier = await ssim(earlier.output, path)
  const better = pairwiseRatio(cpu(found.earlier), cpu(found.ours))
  const peak = median(found.ours.map((each) => ('cost' in each ? each.cost.peakMB : Number.NaN)))
  const targets: Report['targets'] = [
    { what: `${name}: peak MB`, measured: peak, bound: 'at most', limit: memoryMB },
    { what: `${name}: distance from the roofline`, measured: distance, bound: 'at most', limit: 1.15 },
  ]
  if (!failure)
    targets.push(
      {
        what: `${name}: CPU of earlier systems / the product`,
        measured: better,
        bound: 'at least',
        limit: isFullHd ? 2.2 : 1,
      },
      {
        what: `${name}: SSIM above that of earlier systems, in 0.0001`,
        measured: 10_000 * (quality.ours - quality.earlier),
        bound: 'at least',
        limit: 0,
      },
    )
  return {
    rows: [
      failure && 'failed' in failure
        ? [name, 'two runs', failure.failed, '–', '–', '–', '–']
        : row(name, 'two runs', found.earlier, quality.earlier),
      row('', 'one pass', found.ours, quality.ours),
    ],
    parts: [
      name,
      ...[cpu(found.decode), cpu(found.encode), cpu(found.audio), sums, cpu(found.ours)].map((s) =>
        fixed(median(s)),
      ),
      fixed(distance),
    ],
    targets,
  }
}

async function runEarlier({ runs, output }: Earlier): Promise<Outcome> {
  try {
    const costs: Cost[] = []
    // With mixed frame rates the second run never ends by itself.
    for (const args of runs) costs.push(await ffmpegCost(args, { limitS: 120 }))
    return { cost: sumCosts(costs), bytes: (await stat(output)).size }
  } catch (error) {
    const reason = /Input link .* do not match|a signal/.exec(
      error instanceof Error ? error.message : '',
    )?.[0]
    if (!reason) throw error
    return { failed: reason === 'a signal' ? 'never ends' : 'fails (sample aspect)' }
  }
}

function row(name: string, way: string, outcomes: Outcome[], quality: number): string[] {
  const of = (pick: (outcome: { cost: Cost; bytes: number }) => number) =>
    median(outcomes.flatMap((each) => ('cost' in each ? [pick(each)] : [])))
  return [
    name,
    way,
    fixed(of(({ cost }) => cost.wallS)),
    fixed(of(({ cost }) => cost.cpuS)),
    fixed(of(({ cost }) => cost.peakMB)),
    quality.toFixed(4),
    of(({ bytes }) => bytes).toLocaleString('en'),
  ]
}

/** SSIM of the middle of a reel against its ideally scaled source. */
async function ssim(output: string, source: string): Promise<number> {
  const { log } = await ffmpegCost(compareToIdeal(output, source))
  return Number(/SSIM .*All:([\d.]+)/.exec(log)?.[1])
}
