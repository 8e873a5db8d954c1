import { cp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { build } from '../scripts/build.ts'
import { openScratch } from './clips.ts'
import { type BenchOptions, fixed, interleave, median, type Report } from './harness.ts'
import { openGround, ROOT, run, type Served, serve } from './services.ts'

const LIMIT_S = 1.5

/** From the start of a process to its first 200 at /health/ready: as source, as compiled, and as in the images. */
export async function start({ rounds = 9 }: BenchOptions): Promise<Report> {
  await using scratch = await openScratch()
  await using ground = await openGround(join(scratch.dir, 'data'))
  // Inside the project: what is compiled finds its packages above itself.
  const dist = join(ROOT, 'dist/bench')
  await using built = new AsyncDisposableStack()
  built.defer(() => rm(dist, { recursive: true, force: true }))
  await build(ROOT, join(dist, 'dist'))
  await cp(join(ROOT, 'deploy/warm-cache.mjs'), join(dist, 'warm-cache.mjs'))

  const contenders: Record<string, () => Promise<Served>> = {}
  for (const room of ['web', 'batch']) {
    const cache = { NODE_COMPILE_CACHE: join(scratch.dir, `cache-${room}`) }
    await run('warm-cache.mjs', [room], { ...ground.env, ...cache }, dist)
    const compiled = join(dist, `dist/services/${room}/main.js`)
    contenders[`${room}, source (npm start)`] = () =>
      timeStart(join(ROOT, `services/${room}/main.ts`), ground.env)
    contenders[`${room}, compiled`] = () => timeStart(compiled, ground.env)
    contenders[`${room}, compiled, code cached (image)`] = () =>
      timeStart(compiled, { ...ground.env, ...cache })
  }
  const found = await interleave(contenders, { rounds, warmUps: 1 })
  return {
    title: 'Start',
    says: [
      'Seconds from the start of the process to its first 200 at /health/ready, database and files at hand; ' +
        `${rounds} rounds in turns, a look every 5 ms. What else the machine does lengthens the seconds; the CPU it took ` +
        'hardly.',
    ],
    tables: [
      {
        head: ['', 'median s', 'least', 'most', 'CPU ms'],
        rows: Object.entries(found).map(([what, starts]) => [
          what,
          fixed(median(secondsOf(starts))),
          fixed(Math.min(...secondsOf(starts))),
          fixed(Math.max(...secondsOf(starts))),
          fixed(median(starts.map(({ readyCpuMs }) => readyCpuMs))),
        ]),
      },
    ],
    targets: Object.entries(found).map(([what, starts]) => ({
      what,
      measured: median(secondsOf(starts)),
      bound: 'at most',
      limit: LIMIT_S,
    })),
  }
}

const secondsOf = (starts: Served[]) => starts.map(({ readyS }) => readyS)

async function timeStart(entry: string, env: NodeJS.ProcessEnv): Promise<Served> {
  const service = await serve(entry, { ...env, NODE_ENV: 'production' })
  await service.stop()
  return service
}
