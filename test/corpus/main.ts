/**
 * `npm run test:corpus`: sends generated inputs of every kind that people have through the whole stack and compares what comes
 * out with the right values. `-- --only id,id` runs some, `-- --write` writes the results of a full run to
 * docs/compatibility.md, `-- --keep` leaves inputs and results for inspection. Exits with 0 when everything is right.
 */
import { readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import pLimit from 'p-limit'
import { environmentLine, withLatestRun } from '../chaos/page.ts'
import { kinds } from './cases/index.ts'
import { CONCURRENCY, openCorpus } from './open-corpus.ts'
import { type Row, sectionsOf, verdictOf } from './report.ts'
import type { CorpusCase } from './types.ts'

const { values } = parseArgs({
  options: {
    only: { type: 'string' },
    write: { type: 'boolean', default: false },
    keep: { type: 'boolean', default: false },
  },
})
const PAGE = join(import.meta.dirname, '../../docs/compatibility.md')
const dir = join(import.meta.dirname, '../../.cutroom-test', `corpus-${process.pid}`)
const interrupted = new AbortController()
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
  process.on(signal, () => interrupted.abort(signal))
process.on('disconnect', () => interrupted.abort('parent gone'))

const chosen = choose(values.only?.split(','))
const rows = await runAll(chosen)
const wrong = rows.filter(({ outcome }) => outcome.deviations.length > 0)
console.log(`\n${rows.length - wrong.length} of ${chosen.length} right.`)
if (values.write && !values.only && rows.length === chosen.length) await writePage(rows)
process.exit(interrupted.signal.aborted ? 130 : rows.length === chosen.length && wrong.length === 0 ? 0 : 1)

function choose(ids: string[] | undefined): CorpusCase[] {
  const all = kinds.flatMap(({ cases }) => cases)
  const unknown = (ids ?? []).filter((id) => !all.some((one) => one.id === id))
  if (unknown.length > 0) {
    console.error(`Unknown case: ${unknown.join(', ')}. Known: ${all.map(({ id }) => id).join(', ')}.`)
    process.exit(2)
  }
  return ids ? all.filter(({ id }) => ids.includes(id)) : all
}

async function runAll(cases: CorpusCase[]): Promise<Row[]> {
  const corpus = await openCorpus(dir)
  const turn = pLimit(CONCURRENCY)
  const rows: Row[] = []
  try {
    await Promise.all(
      cases.map((one) =>
        turn(async () => {
          if (interrupted.signal.aborted) return
          const outcome = await corpus.run(one)
          rows.push({ one, outcome })
          console.log(`${one.id}: ${verdictOf(outcome)} (${outcome.seconds.toFixed(1)} s)`)
        }),
      ),
    )
  } finally {
    await corpus.close()
    if (values.keep) console.log(`Inputs and results are in ${dir}.`)
    else await rm(dir, { recursive: true, force: true })
  }
  return rows
}

async function writePage(rows: Row[]): Promise<void> {
  const sections = kinds.map(({ title, cases }) => ({
    title,
    rows: cases.flatMap((one) => rows.find((row) => row.one === one) ?? []),
  }))
  const right = rows.filter(({ outcome }) => outcome.deviations.length === 0).length
  const summary = `${environmentLine('npm run test:corpus')} ${right} of ${rows.length} right.`
  const text = `${summary}\n\n${sectionsOf(sections)}`
  await writeFile(PAGE, withLatestRun(await readFile(PAGE, 'utf8'), text))
}
