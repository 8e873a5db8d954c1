/**
 * `npm run chaos`: breaks the product from outside in every way it promises to bear, and says what came of it.
 * `--short` takes smaller counts, `--seed 7` repeats the choices of an earlier run, `--only name` runs one scenario
 * (several with commas between), `--json path` also writes the results there, `--write` puts the table of a full run
 * into docs/reliability.md. Exits with 0 when every promise held.
 */
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { circumstances, withLatestRun } from './page.ts'
import { createRandom, type Random } from './random.ts'
import { type Row, tableOf } from './report.ts'
import type { Scenario } from './scenario.ts'
import { scenarios } from './scenarios.ts'
import { startStack, type World } from './stack.ts'
import { openWorld, tidy } from './world.ts'

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
/** No scenario goes on for ever, whatever the product does. */
const LIMIT_MS = values.short ? 240_000 : 30 * 60_000

const seed = values.seed === undefined ? Math.floor(Math.random() * 2 ** 31) : Number(values.seed)
const chosen = choose(values.only)
console.log(`seed ${seed}${values.short ? ', short form' : ''}`)
const rows = await runAll(chosen, createRandom(seed))
console.log(`\n${tableOf(rows)}\n`)
if (values.json) await writeFile(values.json, JSON.stringify({ seed, rows }, null, 2))
if (values.write && !values.short && !values.only) {
  const text = `${circumstances(seed)}\n\n${tableOf(rows)}`
  await writeFile(PAGE, withLatestRun(await readFile(PAGE, 'utf8'), text))
}
process.exit(interrupted.signal.aborted ? 130 : rows.length > 0 && rows.every(({ met }) => met) ? 0 : 1)

function choose(only: string | undefined): Scenario[] {
  const names = only?.split(',') ?? scenarios.map(({ name }) => name)
  const unknown = names.filter((wanted) => !scenarios.some(({ name }) => name === wanted))
  if (unknown.length > 0) {
    console.error(
      `There is no ${unknown.join(', ')}; there are ${scenarios.map(({ name }) => name).join(', ')}.`,
    )
    process.exit(2)
  }
  return scenarios.filter(({ name }) => names.includes(name))
}

async function runAll(chosen: Scenario[], random: Random): Promise<Row[]> {
  const rows: Row[] = []
  const world = await openWorld(random)
  try {
    for (const scenario of chosen) {
      if (interrupted.signal.aborted) break
      rows.push(await runOne(scenario, world))
    }
  } finally {
    await world[Symbol.asyncDispose]()
  }
  const failed = rows.some(({ met }) => !met)
  await tidy(world.dir, failed)
  if (failed) console.log(`What the services printed is in ${world.dir}.`)
  return rows
}

/** Runs a scenario to its end, or to an interruption; stops what it started in either case. */
async function runOne({ name, promise, run }: Scenario, world: World): Promise<Row> {
  const began = performance.now()
  const random = world.random.branch(name)
  const say = (line: string) => console.log(`  ${name}: ${line}`)
  await using started = new AsyncDisposableStack()
  const kit = {
    short: values.short,
    random,
    say,
    start: async (options = {}) => started.use(await startStack(name, { ...world, random }, options)),
  }
  const result = await Promise.race([run(kit), brokenOff()]).catch((error: Error) => {
    console.error(error)
    return { met: false, figure: `did not come to its end: ${error.message}` }
  })
  say(`${result.met ? 'met' : 'NOT MET'}, ${result.figure}`)
  return { name, promise, ...result, seconds: (performance.now() - began) / 1000 }
}

function brokenOff(): Promise<never> {
  return new Promise((_, reject) => {
    setTimeout(() => reject(new Error(`not over after ${LIMIT_MS / 1000} s`)), LIMIT_MS).unref()
    const interrupt = () => reject(new Error(`interrupted by ${interrupted.signal.reason}`))
    interrupted.signal.addEventListener('abort', interrupt, { once: true })
    if (interrupted.signal.aborted) interrupt()
  })
}
