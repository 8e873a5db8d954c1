import { rm, stat } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { FULL_HD, h264, makeClip, openScratch } from './clips.ts'
import { compareToIdeal, type Earlier, earlierRuns } from './earlier-systems.ts'
import { type Cost, ffmpegCost, together } from './ffmpeg-cost.ts'
import { type BenchOptions, fixed, interleave, median, pairwiseRatio, type Report } from './harness.ts'
import { partsCost } from './parts.ts'
import { planReel } from './plan-reel.ts'
import { roofline } from './roofline.ts'

type Trial = { name: string; path: string; rounds: number; memoryMB: number; isFullHd?: boolean }
type Made = { cost: Cost; bytes: number } | { failed: string }

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

/** The product's one pass against the two runs of earlier systems, and against the sum of its unavoidable parts. */
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
  const film = clip ?? (await makeClip(scratch.dir, 'film', { width: 1280, height: 720, seconds: 70 }))
  const cut = await partsCost(film, rounds ?? 5, scratch.dir)
  targets.push(...cut.targets)
  return {
    title: 'Media',
    says: [
      'The preset reel (18 s to 640x360, a second of logo before and after) out of clips of grainy moving shapes, ' +
        'made on the spot. Earlier systems: one run trims and pads (x264 medium, crf 23), a second joins the logo ' +
        "on both ends and drops the sound. Ours: the arguments of the product's own planner, with sound. In turns; " +
        'CPU is user and system time of all threads, SSIM that of the middle 18 s against an accurate bicubic scale.',
      'Roofline: demuxing, decoding and scaling; encoding the finished frames; decoding and encoding the sound, each ' +
        'measured alone in the same rounds. Distance is our CPU over their sum.',
      'Parts: the preset parts, without and with its bumpers, out of 70 s of 720p, against one pass that puts the very ' +
        'same frames into one file.',
    ],
    tables: [
      { head: ['clip', 'way', 'wall s', 'CPU s', 'peak MB', 'SSIM', 'bytes'], rows },
      {
        head: ['clip', 'decode + scale', 'encode', 'sound', 'sum CPU s', 'ours CPU s', 'distance'],
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

/** The clips, each made when its turn has come. */
async function* trials(
  dir: string,
  rounds: number | undefined,
  clip: string | undefined,
): AsyncGenerator<Trial> {
  if (clip) yield { name: basename(clip), path: clip, rounds: rounds ?? 5, memoryMB: 400 }
  const hd = await makeClip(dir, 'hd', FULL_HD)
  yield { name: '1080p', path: hd, rounds: rounds ?? 7, memoryMB: 200, isFullHd: true }
  const ts = await makeClip(dir, 'ts', { ...FULL_HD, ending: 'ts' })
  yield { name: 'MPEG-TS 1080p', path: ts, rounds: rounds ?? 3, memoryMB: 200 }
  const tall = await makeClip(dir, 'tall', { width: 1080, height: 1920, seconds: 20 })
  yield { name: 'vertical', path: tall, rounds: rounds ?? 3, memoryMB: 200 }
  const vp9 = await makeClip(dir, 'vp9', { ...FULL_HD, seconds: 20, video: VP9, ending: 'webm' })
  yield { name: 'VP9 1080p', path: vp9, rounds: rounds ?? 3, memoryMB: 200 }
  const uhd = await makeClip(dir, 'uhd', { width: 3840, height: 2160, seconds: 20, video: h264('20M') })
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
        ({ cost: await ffmpegCost(plan.args), bytes: (await stat(plan.output)).size }) as Made,
      decode: async () => ({ cost: await ffmpegCost(roof.decode), bytes: 0 }) as Made,
      encode: async () => ({ cost: await ffmpegCost(roof.encode), bytes: 0 }) as Made,
      sound: async () => ({ cost: await ffmpegCost(roof.sound), bytes: 0 }) as Made,
    },
    { rounds, warmUps: 0 },
  )
  const cpu = (made: Made[]) => made.map((each) => ('cost' in each ? each.cost.cpuS : Number.NaN))
  const sums = cpu(found.decode).map((s, i) => s + (cpu(found.encode)[i] ?? 0) + (cpu(found.sound)[i] ?? 0))
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
        what: `${name}: CPU of earlier systems / ours`,
        measured: better,
        bound: 'at least',
        limit: isFullHd ? 2.2 : 1,
      },
      {
        what: `${name}: SSIM above theirs, in 0.0001`,
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
      ...[cpu(found.decode), cpu(found.encode), cpu(found.sound), sums, cpu(found.ours)].map((s) =>
        fixed(median(s)),
      ),
      fixed(distance),
    ],
    targets,
  }
}

async function runEarlier({ runs, output }: Earlier): Promise<Made> {
  try {
    const costs: Cost[] = []
    // Where rates are mixed the second run never ends by itself.
    for (const args of runs) costs.push(await ffmpegCost(args, { limitS: 120 }))
    return { cost: together(costs), bytes: (await stat(output)).size }
  } catch (error) {
    const why = /Input link .* do not match|a signal/.exec(error instanceof Error ? error.message : '')?.[0]
    if (!why) throw error
    return { failed: why === 'a signal' ? 'runs away' : 'fails (sample aspect)' }
  }
}

function row(name: string, way: string, made: Made[], quality: number): string[] {
  const of = (pick: (made: { cost: Cost; bytes: number }) => number) =>
    median(made.flatMap((each) => ('cost' in each ? [pick(each)] : [])))
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

/** How like the middle of a reel is to what an ideal scaler makes of its source. */
async function ssim(output: string, source: string): Promise<number> {
  const { said } = await ffmpegCost(compareToIdeal(output, source))
  return Number(/SSIM .*All:([\d.]+)/.exec(said)?.[1])
}
