import { existsSync } from 'node:fs'
import { readFile, rm } from 'node:fs/promises'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { type Count, type JestReport, NONE, toCount } from './count.ts'
import { type RunOptions, runNode } from './run-node.ts'

const ROOT = join(import.meta.dirname, '..', '..')
const JEST = 'node_modules/jest/bin/jest.js'
const TIMEOUT_MS = 20 * 60_000
/** How many files are tested at a time. Jest's own choice is one less than there are cores, but most tests wait for a server. */
const MOST_WORKERS = availableParallelism() + 1

/**
 * Where no more do, however many cores there are. A media test mostly waits for one process after the other, each of which is
 * single-threaded for most of its life; an e2e test starts a whole stack, and waits for it half of the time.
 */
const WORKERS: Record<string, number> = { media: 2, e2e: 3 }

/** What a run covers: speeds of jest.config.mjs, and parts of paths, all of them when empty. */
export type Selection = { speeds: string[]; paths: string[] }

/** Runs Jest over a selection. The report goes to a file in `dir`, Jest's own output to the terminal. */
export async function runJest(
  { speeds, paths }: Selection,
  { dir, env, coverage }: { dir: string; env: NodeJS.ProcessEnv; coverage?: boolean },
): Promise<Count> {
  const file = join(dir, `${speeds.join('-')}-${process.pid}.json`)
  const flags = [...select({ speeds, paths }), '--json', `--outputFile=${file}`]
  flags.push(`--maxWorkers=${Math.min(...speeds.map((speed) => WORKERS[speed] ?? MOST_WORKERS))}`)
  if (coverage) flags.push(...COVERAGE)
  const options: RunOptions = { env: jestEnvironment(env), stdout: coverage ? 'inherit' : 'ignore' }
  const code = await runNode([JEST, ...flags], { ...options, timeoutMs: TIMEOUT_MS })
  const count = existsSync(file) ? toCount(JSON.parse(await readFile(file, 'utf8')) as JestReport) : NONE
  await rm(file, { force: true })
  return code === 0 || count.failed > 0 ? count : { ...count, failed: 1 }
}

/** Runs Jest in watch mode until the user quits. Without a git clone, every test runs at each change. */
export async function watchJest(selection: Selection, env: NodeJS.ProcessEnv): Promise<number | null> {
  const mode = existsSync(join(ROOT, '.git')) ? '--watch' : '--watchAll'
  const options: RunOptions = { env: jestEnvironment(env), stdin: 'inherit', stdout: 'inherit' }
  return runNode([JEST, mode, ...select(selection)], options)
}

const select = ({ speeds, paths }: Selection): string[] => [
  '--selectProjects',
  ...speeds,
  ...(paths.length > 0 ? ['--testPathPatterns', ...paths] : []),
]

const COVERAGE = [
  '--coverage',
  '--coverageProvider=v8',
  '--coverageDirectory=coverage',
  ...['text-summary', 'json-summary', 'lcov'].map((reporter) => `--coverageReporters=${reporter}`),
  ...['services/**/*.ts', '!**/*.test.ts', '!**/testing/**', '!**/generated/**'].map(
    (pattern) => `--collectCoverageFrom=${pattern}`,
  ),
]

const jestEnvironment = (env: NodeJS.ProcessEnv): NodeJS.ProcessEnv => ({
  ...env,
  NODE_OPTIONS:
    `${env.NODE_OPTIONS ?? ''} --experimental-vm-modules --disable-warning=ExperimentalWarning`.trim(),
})
