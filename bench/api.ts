import { join } from 'node:path'
import autocannon from 'autocannon'
import { openAccount } from '#test/e2e/client.ts'
import { openScratch } from './clips.ts'
import { type BenchOptions, fixed, interleave, median, pairwiseRatio, type Report } from './harness.ts'
import { seedTasks } from './seed-tasks.ts'
import { cpuMsOf, openServiceEnvironment, type Served, serve } from './services.ts'

const TASKS = 100_000
const USERS = 10
const CONNECTIONS = 10
const SECONDS = 2

/** List and get against the same queries in bare Express and pg, over a table of 100,000 tasks. */
export async function api({ rounds = 15 }: BenchOptions): Promise<Report> {
  await using scratch = await openScratch()
  await using environment = await openServiceEnvironment(join(scratch.dir, 'data'))
  await using started = new AsyncDisposableStack()
  const web = await serve('services/web/main.ts', environment.env)
  started.defer(() => web.stop())
  const { token } = await openAccount(web.url)
  const { userId, taskIds } = await seedTasks(environment.databaseUrl, 'ada', TASKS, USERS)
  const bareEntry = join(import.meta.dirname, 'bare-server.ts')
  const bare = await serve(bareEntry, { ...environment.env, USER_ID: userId }, '/tasks?max=1')
  started.defer(() => bare.stop())

  const calls = {
    'list of 4': ['/tasks?max=4&order=1'],
    'list of 20': ['/tasks?max=20&order=1'],
    get: taskIds.map((id) => `/tasks/${id}`),
  }
  const rows: string[][] = []
  const targets: Report['targets'] = []
  for (const [what, paths] of Object.entries(calls)) {
    const rates = await interleave(
      { bare: () => load(bare, paths, token), product: () => load(web, paths, token) },
      { rounds, warmUps: 2 },
    )
    const of = (who: keyof typeof rates, what: 'perSecond' | 'p99' | 'cpuUs') =>
      rates[who].map((each) => each[what])
    const ratio = pairwiseRatio(of('product', 'perSecond'), of('bare', 'perSecond'))
    rows.push([
      what,
      ...(['perSecond', 'p99', 'cpuUs'] as const).flatMap((figure) => [
        fixed(median(of('bare', figure))),
        fixed(median(of('product', figure))),
      ]),
      fixed(ratio),
      fixed(pairwiseRatio(of('bare', 'cpuUs'), of('product', 'cpuUs'))),
    ])
    targets.push({ what: `${what}: the product / bare`, measured: ratio, bound: 'at least', limit: 0.7 })
  }
  return {
    title: 'API',
    notes: [
      `${TASKS.toLocaleString('en')} finished tasks in the table, ${USERS} users; ${CONNECTIONS} connections for ` +
        `${SECONDS} s at a time, ${rounds} interleaved rounds. Bare is Express and pg with the same prepared statement ` +
        'and no token, validation, request id, log, metrics or security headers (`bench/bare-server.ts`). CPU is that of the server process for one request.',
    ],
    tables: [
      {
        head: [
          '',
          'bare /s',
          'product /s',
          'bare p99 ms',
          'product p99 ms',
          'bare CPU µs',
          'product CPU µs',
          'ratio of /s',
          'ratio of CPU',
        ],
        rows,
      },
    ],
    targets,
  }
}

/** Requests the paths in turn for a while. Rejects when a reply is not 2xx. */
async function load({ url, pid }: Served, paths: string[], token: string) {
  const headers = { authorization: `Bearer ${token}` }
  const requests = paths.map((path) => ({ path, headers }))
  const before = await cpuMsOf(pid)
  const result = await autocannon({ url, requests, connections: CONNECTIONS, duration: SECONDS })
  if (result.non2xx + result.errors > 0)
    throw new Error(`${url}${paths[0]}: ${result.non2xx} non-2xx replies, ${result.errors} errors`)
  const cpuUs = (1000 * ((await cpuMsOf(pid)) - before)) / result['2xx']
  return { perSecond: result.requests.average, p99: result.latency.p99, cpuUs }
}
