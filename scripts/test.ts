/**
 * `npm test`: the checks and every speed of test. Speeds narrow a run (`unit`, `io`, `api`, `media`, `e2e`, `page`, `chaos`), and
 * so do parts of paths: `npm run test:api -- services/web`. `--watch` runs tests again at each change; `--coverage` measures which code
 * they reach. Starts the Postgres that tests need and stops it again. The last line is the result.
 */
import { existsSync } from 'node:fs'
import { mkdir, readdir, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { startTestPostgres } from '#test/postgres.ts'
import { runAllChecks } from './tests/checks.ts'
import { add, type Count, NONE, summary } from './tests/count.ts'
import { reportCoverage } from './tests/coverage.ts'
import { runJest, watchJest } from './tests/jest.ts'
import { forwardSignals, isInterrupted, runNode } from './tests/run-node.ts'
import { inTurn, runSchedule, speedsOf, together } from './tests/schedule.ts'

const ROOT = join(import.meta.dirname, '..')
const DIR = join(ROOT, '.cutroom-test')
/** Where Node keeps the code that it has compiled in this run. */
const COMPILED = join(DIR, `compiled-${process.pid}`)
/**
 * The order of the suites. Two lanes run together, so that neither waits for the other's last test; they complement each other: the
 * first needs the processor all of the time, the second waits for half of it. Media tests, none of which is about time, take what
 * the second lane leaves. Chaos is about time, and has the machine for itself.
 */
const SEQUENCE = inTurn(
  together(inTurn('checks', 'media'), inTurn('unit', 'io', 'api', 'page', 'e2e')),
  'chaos',
)
const SPEEDS = speedsOf(SEQUENCE)
const NEED_POSTGRES = ['api', 'e2e']
/** These start services as processes, more than a hundred in all. */
const NEED_SERVICES = ['e2e', 'page', 'chaos']
const CHAOS_TIMEOUT_MS = 15 * 60_000
const PAGE_TIMEOUT_MS = 5 * 60_000

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: {
    watch: { type: 'boolean', default: false },
    coverage: { type: 'boolean', default: false },
  },
})
const named = positionals.filter((word) => SPEEDS.includes(word))
const speeds = named.length > 0 ? SPEEDS.filter((speed) => named.includes(speed)) : SPEEDS
const paths = positionals.filter((word) => !SPEEDS.includes(word))

forwardSignals()
await mkdir(DIR, { recursive: true })
await removeLeftovers()
process.exit(values.watch ? await watch() : await runOnce())

async function runOnce(): Promise<number> {
  if (speeds.some((speed) => NEED_SERVICES.includes(speed))) await compileServices()
  const total = await withPostgres((env) => (values.coverage ? cover(env) : runSelected(env)))
  await rm(COMPILED, { recursive: true, force: true })
  console.log(summary(total))
  if (isInterrupted()) return 130
  return total.failed > 0 || total.passed === 0 ? 1 : 0
}

/** Has Node keep the compiled code of the services, for this run: starting one takes half of the CPU time then. */
async function compileServices(): Promise<void> {
  process.env.NODE_COMPILE_CACHE ??= COMPILED
  await runNode(['scripts/tests/compile-services.ts'], { stdout: 'ignore' })
}

async function watch(): Promise<number> {
  return withPostgres(async (env) => (await watchJest({ speeds, paths }, env)) ?? 130)
}

/** Starts a Postgres where a selected speed needs one, and stops it afterwards. */
async function withPostgres<T>(work: (env: NodeJS.ProcessEnv) => Promise<T>): Promise<T> {
  if (!speeds.some((speed) => NEED_POSTGRES.includes(speed))) return work(process.env)
  const postgres = await startTestPostgres()
  try {
    return await work({ ...process.env, TEST_DATABASE_URL: postgres.url })
  } finally {
    await postgres.stop()
  }
}

async function runSelected(env: NodeJS.ProcessEnv): Promise<Count> {
  const run = async (speed: string) => (speeds.includes(speed) ? runSpeed(speed, env) : NONE)
  return (await runSchedule(SEQUENCE, run, isInterrupted)).reduce(add, NONE)
}

async function runSpeed(speed: string, env: NodeJS.ProcessEnv): Promise<Count> {
  if (speed === 'checks') return runAllChecks(DIR)
  if (speed === 'chaos') return runChaos()
  if (speed === 'page') return runPage()
  return runJest({ speeds: [speed], paths }, { dir: DIR, env })
}

/** All speeds in one run of Jest, so that one report covers them. */
async function cover(env: NodeJS.ProcessEnv): Promise<Count> {
  const count = await runJest({ speeds, paths }, { dir: DIR, env, coverage: true })
  await reportCoverage(join(ROOT, 'coverage/coverage-summary.json'), env)
  return count
}

/** The fault-injection suite in its short form; each promise counts as one test. */
async function runChaos(): Promise<Count> {
  const file = join(DIR, `chaos-${process.pid}.json`)
  const args = ['test/chaos/main.ts', '--short', '--json', file]
  const code = await runNode(args, { stdout: 'inherit', timeoutMs: CHAOS_TIMEOUT_MS })
  const rows: { met: boolean }[] = existsSync(file) ? JSON.parse(await readFile(file, 'utf8')).rows : []
  await rm(file, { force: true })
  const passed = rows.filter(({ met }) => met).length
  const failed = rows.length - passed
  return { passed, failed: code === 0 ? failed : Math.max(1, failed), skipped: 0 }
}

/** The web page in a browser, in the short form of its tests; each claim counts as one test. */
async function runPage(): Promise<Count> {
  const file = join(DIR, `page-${process.pid}.json`)
  const args = ['test/page/main.ts', '--short', '--json', file]
  const code = await runNode(args, { stdout: 'inherit', timeoutMs: PAGE_TIMEOUT_MS })
  const count: Count = existsSync(file) ? JSON.parse(await readFile(file, 'utf8')) : NONE
  await rm(file, { force: true })
  return code === 0 || count.failed > 0 ? count : { ...count, failed: 1 }
}

/** Removes databases and reports of runs that were killed. */
async function removeLeftovers(): Promise<void> {
  for (const name of await readdir(DIR)) {
    const pid = Number(/-(\d+)(\.json)?$/.exec(name)?.[1])
    if (pid > 0 && !isAlive(pid)) await rm(join(DIR, name), { recursive: true, force: true })
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}
