/**
 * `npm test`: the checks, then every speed of test; with names (`unit`, `api`, `media`, `e2e`, `chaos`) only those, and
 * with parts of paths only the tests there: `npm run test:api -- services/web`. Starts the Postgres that tests need and
 * stops it again. The last line says how it went.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdir, readdir, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { startTestPostgres } from '#test/postgres.ts'
import { runChecks } from './check.ts'
import { add, type Count, countOf, type JestResults, summary } from './test-count.ts'

const root = join(import.meta.dirname, '..')
const home = join(root, '.cutroom-test')
const SPEEDS = ['unit', 'api', 'media', 'e2e', 'chaos']
const NEED_POSTGRES = ['api', 'e2e']
/** A test that left something open would keep jest from ending for ever. */
const LIMIT_MS = 10 * 60_000

let running: ChildProcess | undefined
let interrupted = false
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(signal, () => {
    interrupted = true
    running?.kill(signal)
  })
}

const given = process.argv.slice(2)
const named = given.filter((name) => SPEEDS.includes(name))
/** Parts of paths: only tests below them. */
const paths = given.filter((name) => !SPEEDS.includes(name))
const total = await runAll(SPEEDS.filter((name) => named.length === 0 || named.includes(name)))
console.log(summary(total))
process.exit(interrupted ? 130 : total.failed > 0 || total.passed === 0 ? 1 : 0)

async function runAll(speeds: string[]): Promise<Count> {
  let total: Count = { passed: 0, failed: 0, skipped: 0 }
  if (named.length === 0) total = add(total, { ...(await runChecks({ full: true })), skipped: 0 })
  await mkdir(home, { recursive: true })
  await removeLeftovers()
  const env: NodeJS.ProcessEnv = { ...process.env }
  await using started = new AsyncDisposableStack()
  if (speeds.some((speed) => NEED_POSTGRES.includes(speed))) {
    const postgres = await startTestPostgres()
    started.defer(() => postgres.stop())
    env.TEST_DATABASE_URL = postgres.url
  }
  for (const speed of speeds) {
    if (!interrupted) total = add(total, speed === 'chaos' ? await runChaos() : await runJest(speed, env))
  }
  return total
}

/** The fault harness in its short form: each promise counts as one test. */
async function runChaos(): Promise<Count> {
  const results = join(home, `chaos-${process.pid}.json`)
  const code = await runToEnd(['test/chaos/main.ts', '--short', '--json', results], process.env, 'inherit')
  const said = existsSync(results)
    ? (JSON.parse(await readFile(results, 'utf8')) as { rows: { met: boolean }[] })
    : undefined
  await rm(results, { force: true })
  const passed = said?.rows.filter(({ met }) => met).length ?? 0
  const failed = (said?.rows.length ?? 0) - passed
  return { passed, failed: code === 0 ? failed : Math.max(1, failed), skipped: 0 }
}

/** Runs a script of Node's; gives its exit code. Its errors go to the terminal. */
async function runToEnd(
  args: string[],
  env: NodeJS.ProcessEnv,
  output: 'inherit' | 'ignore',
): Promise<number | null> {
  const child = spawn(process.execPath, args, { cwd: root, stdio: ['ignore', output, 'inherit'], env })
  running = child
  const limit = setTimeout(() => child.kill('SIGKILL'), LIMIT_MS)
  const [code] = await once(child, 'exit')
  clearTimeout(limit)
  return code
}

/** One speed of tests. Its own output goes to the terminal; the numbers come from a file. */
async function runJest(speed: string, env: NodeJS.ProcessEnv): Promise<Count> {
  const results = join(home, `${speed}-${process.pid}.json`)
  const flags = ['--selectProjects', speed, '--json', `--outputFile=${results}`]
  // Media and whole stacks want the machine for themselves.
  if (speed === 'media' || speed === 'e2e') flags.push('--runInBand')
  if (paths.length > 0) flags.push('--testPathPatterns', paths.join('|'))
  const options = '--experimental-vm-modules --disable-warning=ExperimentalWarning'
  const jestEnv = { ...env, NODE_OPTIONS: `${env.NODE_OPTIONS ?? ''} ${options}`.trim() }
  const code = await runToEnd(['node_modules/jest/bin/jest.js', ...flags], jestEnv, 'ignore')
  const count = existsSync(results)
    ? countOf(JSON.parse(await readFile(results, 'utf8')) as JestResults)
    : undefined
  await rm(results, { force: true })
  return count && (code === 0 || count.failed > 0) ? count : { passed: 0, skipped: 0, ...count, failed: 1 }
}

/** Databases and results of runs that were killed. */
async function removeLeftovers(): Promise<void> {
  for (const name of await readdir(home)) {
    const pid = Number(/-(\d+)(\.json)?$/.exec(name)?.[1])
    if (pid > 0 && !isAlive(pid)) await rm(join(home, name), { recursive: true, force: true })
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}
