import { rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { openScratch } from './clips.ts'
import { createRenderer } from './divided-render.ts'
import { ffmpegCost } from './ffmpeg-cost.ts'
import { openFilm, repeat } from './films.ts'
import { type BenchOptions, fixed, interleave, median, pairwiseRatio, type Report } from './harness.ts'
import { type CostedRender, speeds } from './job-speeds.ts'
import { DIVIDE, HD, REEL_LIKE, type Transcode } from './transcodes.ts'

/** Minutes. */
const HOUR = 60

/** Work that is divided among jobs, compared with the same work in one render. */
export async function chunks({ rounds = 1, clip, minutes = 10 }: BenchOptions): Promise<Report> {
  await using scratch = await openScratch()
  const { dir } = scratch
  const film = await openFilm(clip, dir, minutes)
  const hour = minutes === HOUR ? film : await repeat(film, join(dir, 'hour.mp4'), HOUR)
  const compared = [await compare(HD, film, dir, rounds), await compare(REEL_LIKE, film, dir, rounds)]
  const renders: CostedRender[] = []
  for (const { transcode, costs } of compared) {
    const { expansion, cpuS } = await createRenderer().expand(
      transcode.recipe,
      hour,
      DIVIDE,
      join(dir, 'hour'),
    )
    renders.push({ ...transcode, ...costs, times: HOUR / minutes, planned: expansion.jobs, planningS: cpuS })
  }
  const simulated = speeds(renders)
  return {
    title: 'Chunks',
    notes: [
      `${minutes} min of 1080p, repeating ${clip ? 'the clip given' : 'moving shapes with film grain'}: one render with the ` +
        'default number of threads, and the jobs that the product divides it into where a job has one core: chunks of ' +
        `about ${DIVIDE.seconds} s with one thread for each encoder, the audio, and the stitch. ${rounds} interleaved ` +
        `${rounds === 1 ? 'round' : 'rounds'}, one job at a time. CPU is user and system time of all processes, with ` +
        'probes and checks. SSIM is that of the whole content against an accurate bicubic scale.',
      `Speed is simulated: the jobs that the product plans for ${HOUR} min of this content are given out in the product's ` +
        'order to workers that work on one at a time. A job takes as long as the CPU time that was measured' +
        `${minutes === HOUR ? '' : `, for a chunk by its frames, for the rest ${fixed(HOUR / minutes)} times`}; claims and ` +
        'the traffic with a storage are left out. In parentheses: how many times as fast as one render on one worker.',
    ],
    tables: [
      {
        head: [
          '',
          'chunks',
          'one render: CPU s',
          'jobs: CPU s',
          'ratio',
          'audio s',
          'stitch s',
          'bytes, ratio',
          'SSIM',
          'of jobs',
        ],
        rows: compared.map(({ row }) => row),
      },
      simulated.table,
    ],
    targets: [...compared.flatMap(({ targets }) => targets), ...simulated.targets],
  }
}

async function compare(transcode: Transcode, film: string, dir: string, rounds: number) {
  const { name, recipe } = transcode
  const renderer = createRenderer()
  const found = await interleave(
    {
      whole: () => renderer.whole(recipe, film, fresh(dir, 'whole')),
      divided: () => renderer.divided(recipe, film, fresh(dir, 'divided'), { divide: DIVIDE }),
    },
    { rounds },
  )
  const cpu = (spent: { cpuS: number }[]) => spent.map(({ cpuS }) => cpuS)
  const jobs = found.divided.flatMap((each) => each.jobs)
  const secondsOf = (kind: string) => median(cpu(jobs.filter((job) => job.kind === kind)))
  const all = jobs.filter(({ kind }) => kind === 'chunk')
  const costs = {
    wholeS: median(cpu(found.whole)),
    frameS: all.reduce((sum, { cpuS }) => sum + cpuS, 0) / all.reduce((sum, { frames }) => sum + frames, 0),
    audioS: secondsOf('audio'),
    stitchS: secondsOf('stitch'),
  }
  const outputs = [found.whole, found.divided].map((each) => each.at(-1)?.output ?? '')
  const [wholeBytes = 0, dividedBytes = 0] = await Promise.all(
    outputs.map(async (path) => (await stat(path)).size),
  )
  const [wholeSsim = 0, dividedSsim = 0] = await ssims(outputs, film, transcode)
  await Promise.all(['whole', 'divided'].map((each) => rm(join(dir, each), { recursive: true })))
  const ratio = pairwiseRatio(cpu(found.divided), cpu(found.whole))
  const bytes = dividedBytes / wholeBytes
  return {
    transcode,
    costs,
    row: [
      name,
      String(all.length / rounds),
      fixed(costs.wholeS),
      fixed(median(cpu(found.divided))),
      ratio.toFixed(3),
      fixed(costs.audioS),
      fixed(costs.stitchS),
      bytes.toFixed(4),
      wholeSsim.toFixed(4),
      dividedSsim.toFixed(4),
    ],
    targets: [
      { what: `${name}: CPU of all jobs / one render`, measured: ratio, bound: 'at most', limit: 1.05 },
      {
        what: `${name}: bytes over one render, in %`,
        measured: 100 * (bytes - 1),
        bound: 'at most',
        limit: 1,
      },
      {
        what: `${name}: SSIM above one render, in 0.0001`,
        measured: 10_000 * (dividedSsim - wholeSsim),
        bound: 'at least',
        limit: -10,
      },
    ] satisfies Report['targets'],
  }
}

let runs = 0
/** A directory for each run, below one for all runs of that name. */
const fresh = (dir: string, name: string) => join(dir, name, String(runs++))

/** SSIM of the content of two results against its source. Frames are paired by number, in one decode of the source. */
async function ssims([whole = '', divided = '']: string[], source: string, { size, lead }: Transcode) {
  const result = `trim=start_frame=${lead},settb=1/24,setpts=N`
  const graph = [
    `[2:v]scale=${size}:flags=bicubic+accurate_rnd+full_chroma_int,setsar=1,format=yuv420p,settb=1/24,setpts=N,split[i][j]`,
    `[0:v]${result}[w]`,
    `[1:v]${result}[d]`,
    '[w][i]ssim@whole=shortest=1[a]',
    '[d][j]ssim@divided=shortest=1[b]',
  ].join(';')
  const { log } = await ffmpegCost(
    [
      ...['-nostdin', '-loglevel', 'info', '-nostats', '-i', whole, '-i', divided, '-i', source],
      ...['-filter_complex', graph, '-map', '[a]', '-f', 'null', '-', '-map', '[b]', '-f', 'null', '-'],
    ],
    { limitS: 4 * 3600 },
  )
  const of = (name: string) => Number(new RegExp(`ssim@${name} .*All:([\\d.]+)`).exec(log)?.[1])
  return [of('whole'), of('divided')]
}
