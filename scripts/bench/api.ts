import { join } from 'node:path'
import autocannon from 'autocannon'
import { openAccount } from '#test/e2e/client.ts'
import { openScratch } from './clips.ts'
import { type BenchOptions, fixed, interleave, median, pairwiseRatio, type Report } from './harness.ts'
import { seedTasks } from './seed-tasks.ts'
import { openGround, serve } from './services.ts'

const TASKS = 100_000
const USERS = 10
const CONNECTIONS = 10
const SECONDS = 2

/** List and get against the same queries in bare Express and pg, over a table of 100,000 tasks. */
export async function api({ rounds = 15 }: BenchOptions): Promise<Report> {
  await using scratch = await openScratch()
  await using ground = await openGround(join(scratch.dir, 'data'))
  await using started = new AsyncDisposableStack()
  const web = await serve('services/web/main.ts', ground.env)
  started.defer(() => web.stop())
  const { token } = await openAccount(web.url)
  const { userId, taskIds } = await seedTasks(ground.databaseUrl, 'ada', TASKS, USERS)
  const bareEntry = join(import.meta.dirname, 'bare-server.ts')
  const bare = await serve(bareEntry, { ...ground.env, USER_ID: userId }, '/tasks?max=1')
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
      { bare: () => load(bare.url, paths, token), product: () => load(web.url, paths, token) },
      { rounds, warmUps: 2 },
    )
    const [perSecond, bareRate] = [rates.product.map(rateOf), rates.bare.map(rateOf)]
    rows.push([
      what,
      fixed(median(bareRate)),
      fixed(median(perSecond)),
      fixed(median(rates.bare.map(p99Of))),
      fixed(median(rates.product.map(p99Of))),
      fixed(median(perSecond) / median(bareRate)),
      fixed(pairwiseRatio(perSecond, bareRate)),
    ])
    targets.push({
      what: `${what}: the product / bare`,
      measured: pairwiseRatio(perSecond, bareRate),
      bound: 'at least',
      limit: 0.7,
    })
  }
  return {
    title: 'API',
    says: [
      `${TASKS.toLocaleString('en')} finished tasks in the table, ${USERS} users; ${CONNECTIONS} connections for ` +
        `${SECONDS} s at a time, ${rounds} rounds in turns. Bare is Express and pg with the same prepared statement ` +
        'and no token, checks, request id, log, figures or security headers (`scripts/bench/bare-server.ts`).',
    ],
    tables: [
      {
        head: [
          '',
          'bare /s',
          'product /s',
          'bare p99 ms',
          'product p99 ms',
          'ratio of medians',
          'median of ratios',
        ],
        rows,
      },
    ],
    targets,
  }
}

/** Calls the paths by turns for a while. Rejects when anything but 200 comes back. */
async function load(url: string, paths: string[], token: string) {
  const headers = { authorization: `Bearer ${token}` }
  const requests = paths.map((path) => ({ path, headers }))
  const result = await autocannon({ url, requests, connections: CONNECTIONS, duration: SECONDS })
  if (result.non2xx + result.errors > 0)
    throw new Error(`${url}${paths[0]}: ${result.non2xx} refusals, ${result.errors} errors`)
  return result
}

const rateOf = ({ requests }: autocannon.Result) => requests.average
const p99Of = ({ latency }: autocannon.Result) => latency.p99
