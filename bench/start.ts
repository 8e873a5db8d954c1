import { cp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { build } from '../scripts/build.ts'
import { openScratch } from './clips.ts'
import { type BenchOptions, fixed, interleave, median, type Report } from './harness.ts'
import { openServiceEnvironment, ROOT, run, type Served, serve } from './services.ts'

const LIMIT_S = 1.5

/** From the start of a process to its first 200 at /health/ready: as source, as compiled, and as in the images. */
export async function start({ rounds = 9 }: BenchOptions): Promise<Report> {
  await using scratch = await openScratch()
  await using environment = await openServiceEnvironment(join(scratch.dir, 'data'))
  // Inside the project, so that the compiled files find node_modules above them.
  const dist = join(ROOT, 'dist/bench')
  await using built = new AsyncDisposableStack()
  built.defer(() => rm(dist, { recursive: true, force: true }))
  await build(ROOT, join(dist, 'dist'))
  await cp(join(ROOT, 'deploy/warm-cache.mjs'), join(dist, 'warm-cache.mjs'))

  const contenders: Record<string, () => Promise<Served>> = {}
  for (const service of ['web', 'batch']) {
    const cache = { NODE_COMPILE_CACHE: join(scratch.dir, `cache-${service}`) }
    await run('warm-cache.mjs', [service], { ...environment.env, ...cache }, dist)
    const compiled = join(dist, `dist/services/${service}/main.js`)
    contenders[`${service}, source (npm start)`] = () =>
      timeStart(join(ROOT, `services/${service}/main.ts`), environment.env)
    contenders[`${service}, compiled`] = () => timeStart(compiled, environment.env)
    contenders[`${service}, compiled, code cached (image)`] = () =>
      timeStart(compiled, { ...environment.env, ...cache })
  }
  const results = await interleave(contenders, { rounds, warmUps: 1 })
  return {
    title: 'Start',
    notes: [
      'Seconds from the start of the process to its first 200 at /health/ready, with a running database; ' +
        `${rounds} interleaved rounds, polled every 5 ms. Other load on the machine lengthens the seconds, but hardly the CPU time.`,
    ],
    tables: [
      {
        head: ['', 'median s', 'min', 'max', 'CPU ms'],
        rows: Object.entries(results).map(([what, starts]) => [
          what,
          fixed(median(secondsOf(starts))),
          fixed(Math.min(...secondsOf(starts))),
          fixed(Math.max(...secondsOf(starts))),
          fixed(median(starts.map(({ readyCpuMs }) => readyCpuMs))),
        ]),
      },
    ],
    targets: Object.entries(results).map(([what, starts]) => ({
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
