/**
 * `npm run chaos`: injects every fault that the product promises to survive, and reports the results.
 * `--short` uses smaller counts and runs four scenarios at a time, except for those whose promise is a time; `--seed 7` repeats
 * the random choices of an earlier run, `--only name` runs one scenario (or several, separated by commas), `--json path` also
 * writes the results as JSON, `--write` writes the table of a full run to docs/reliability.md. Exits with 0 when every promise
 * was kept.
 */
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { openEnvironment, removeRun, runDir } from './environment.ts'
import { environmentLine, withLatestRun } from './page.ts'
import { createRandom, type Random } from './random.ts'
import { type Row, tableOf } from './report.ts'
import type { Scenario } from './scenario.ts'
import { scenarios } from './scenarios.ts'
import { type ChaosEnvironment, startStack } from './stack.ts'

const { values } = parseArgs({
  options: {
    short: { type: 'boolean', default: false },
    seed: { type: 'string' },
    only: { type: 'string' },
    json: { type: 'string' },
    write: { type: 'boolean', default: false },
  },
})
const interrupted = new AbortController()
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
  process.on(signal, () => interrupted.abort(signal))
process.on('disconnect', () => interrupted.abort('parent gone'))

const PAGE = join(import.meta.dirname, '../../docs/reliability.md')
/** Scenarios that run at a time, each of these on a Postgres server of its own, which some of them kill. */
const LANES = values.short ? 4 : 1
/** Time limit of one scenario. */
const LIMIT_MS = values.short ? 240_000 : 30 * 60_000

const seed = values.seed === undefined ? Math.floor(Math.random() * 2 ** 31) : Number(values.seed)
const chosen = choose(values.only)
console.log(`seed ${seed}${values.short ? ', short form' : ''}`)
const rows = await runAll(chosen, createRandom(seed))
console.log(`\n${tableOf(rows)}\n`)
if (values.json) await writeFile(values.json, JSON.stringify({ seed, rows }, null, 2))
if (values.write && !values.short && !values.only) {
  const text = `${environmentLine(`npm run chaos -- --seed ${seed}`)}\n\n${tableOf(rows)}`
  await writeFile(PAGE, withLatestRun(await readFile(PAGE, 'utf8'), text))
}
process.exit(interrupted.signal.aborted ? 130 : rows.length > 0 && rows.every(({ met }) => met) ? 0 : 1)

function choose(only: string | undefined): Scenario[] {
  const names = only?.split(',') ?? scenarios.map(({ name }) => name)
  const unknown = names.filter((wanted) => !scenarios.some(({ name }) => name === wanted))
  if (unknown.length > 0) {
    console.error(
      `Unknown scenario: ${unknown.join(', ')}. Known: ${scenarios.map(({ name }) => name).join(', ')}.`,
    )
    process.exit(2)
  }
  return scenarios.filter(({ name }) => names.includes(name))
}

async function runAll(chosen: Scenario[], random: Random): Promise<Row[]> {
  const rows = new Map<Scenario, Row>()
  const runLane = async (name: string, left: Scenario[]) => {
    if (left.length === 0) return
    await using environment = await openEnvironment(random, name)
    for (let scenario = left.shift(); scenario && !interrupted.signal.aborted; scenario = left.shift()) {
      rows.set(scenario, await runOne(scenario, environment))
    }
  }
  await runLane(
    'alone',
    chosen.filter(({ isTimed }) => isTimed),
  )
  // The lanes take from one list.
  const together = chosen.filter(({ isTimed }) => !isTimed)
  const lanes = Array.from({ length: LANES }, (_, lane) => runLane(`lane-${lane + 1}`, together))
  // All of them, so that each stops what it has started.
  for (const lane of await Promise.allSettled(lanes)) if (lane.status === 'rejected') throw lane.reason
  const failed = [...rows.values()].some(({ met }) => !met)
  await removeRun(failed)
  if (failed) console.log(`The logs of the services are in ${runDir()}.`)
  return chosen.flatMap((scenario) => rows.get(scenario) ?? [])
}

/** Runs a scenario until it ends or is interrupted; stops what it started in either case. */
async function runOne({ name, promise, run }: Scenario, environment: ChaosEnvironment): Promise<Row> {
  const began = performance.now()
  const random = environment.random.branch(name)
  const report = (line: string) => console.log(`  ${name}: ${line}`)
  await using started = new AsyncDisposableStack()
  const kit = {
    short: values.short,
    random,
    report,
    start: async (options = {}) => started.use(await startStack(name, { ...environment, random }, options)),
  }
  const result = await Promise.race([run(kit), cancelled()]).catch((error: Error) => {
    console.error(error)
    return { met: false, figure: `did not finish: ${error.message}` }
  })
  report(`${result.met ? 'met' : 'NOT MET'}, ${result.figure}`)
  return { name, promise, ...result, seconds: (performance.now() - began) / 1000 }
}

function cancelled(): Promise<never> {
  return new Promise((_, reject) => {
    setTimeout(() => reject(new Error(`still running after ${LIMIT_MS / 1000} s`)), LIMIT_MS).unref()
    const interrupt = () => reject(new Error(`interrupted by ${interrupted.signal.reason}`))
    interrupted.signal.addEventListener('abort', interrupt, { once: true })
    if (interrupted.signal.aborted) interrupt()
  })
}
