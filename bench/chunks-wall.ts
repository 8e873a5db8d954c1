import { join } from 'node:path'
import { openScratch } from './clips.ts'
import { createRenderer } from './divided-render.ts'
import { ffmpegCost } from './ffmpeg-cost.ts'
import { openFilm } from './films.ts'
import { type BenchOptions, fixed, interleave, median, pairwiseRatio, type Report } from './harness.ts'
import { planOneRun } from './plan-reel.ts'
import { DIVIDE, HD } from './transcodes.ts'

/** Wall clock of the jobs of a divided render, two at a time, compared with one ffmpeg that uses all cores. */
export async function chunksWall({ rounds = 3, clip, minutes = 10 }: BenchOptions): Promise<Report> {
  await using scratch = await openScratch()
  const { dir } = scratch
  const film = await openFilm(clip, dir, minutes)
  const { args } = await planOneRun(HD.recipe, film, join(dir, 'bare'))
  let runs = 0
  const divided = async () => {
    const options = { divide: DIVIDE, slots: 2 }
    return (await createRenderer().divided(HD.recipe, film, join(dir, String(runs++)), options)).wallS
  }
  const found = await interleave(
    { bare: async () => (await ffmpegCost(args, { nice: true, limitS: 4 * 3600 })).wallS, divided },
    { rounds },
  )
  const ratio = pairwiseRatio(found.divided, found.bare)
  const row = [HD.name, fixed(median(found.bare)), fixed(median(found.divided)), ratio.toFixed(3)]
  return {
    title: 'Chunks on one machine',
    notes: [
      `${minutes} min of 1080p to ${HD.name}: bare ffmpeg with the default number of threads, and the jobs that the product ` +
        `divides it into, two at a time with one thread for each encoder; from the probe to the checked result, ${rounds} ` +
        `interleaved ${rounds === 1 ? 'round' : 'rounds'} on an otherwise idle machine with two cores.`,
    ],
    tables: [{ head: ['', 'bare ffmpeg s', 'jobs, two at a time, s', 'ratio'], rows: [row] }],
    targets: [
      { what: `${HD.name}: wall of two slots / bare ffmpeg`, measured: ratio, bound: 'at most', limit: 1.05 },
    ],
  }
}
