/**
 * `npm run test:hostile`: hostile input of every kind.
 *
 *   (nothing)       the tests: hostile media, hostile requests, the fuzz in its short form, isolation between users
 *   fuzz            any request to any operation; --runs 2000 for each operation, --seed for the same ones again
 *   availability    what a normal user experiences during attacks; --only logins,streams, --seconds 15 for each,
 *                   --write puts the table into docs/security.md
 *
 * Everything goes to the loopback interface only, and everything ends by itself.
 */
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { forwardSignals, runNode } from '../../scripts/tests/run-node.ts'
import { environmentLine, withLatestRun } from '../chaos/page.ts'
import { attacks } from './attacks.ts'
import { measureAvailability } from './availability.ts'
import { availabilityTable, harm } from './availability-report.ts'

const PAGE = join(import.meta.dirname, '../../docs/security.md')

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: {
    runs: { type: 'string', default: '2000' },
    seed: { type: 'string' },
    only: { type: 'string' },
    seconds: { type: 'string', default: '15' },
    write: { type: 'boolean', default: false },
  },
})
const COMMANDS: Record<string, () => Promise<number>> = {
  tests: runTests,
  fuzz: runFuzz,
  availability: runAvailability,
}
const [command = 'tests'] = positionals
const run = COMMANDS[command]
if (!run) {
  console.error(`Unknown: ${command}. Known: ${Object.keys(COMMANDS).join(', ')}.`)
  process.exit(2)
}
process.exit(await run())

async function runTests(): Promise<number> {
  forwardSignals()
  return (
    (await runNode(['scripts/test.ts', 'api', 'media', 'hostile', 'test/contract'], { stdout: 'inherit' })) ??
    130
  )
}

async function runFuzz(): Promise<number> {
  forwardSignals()
  const seed = values.seed ?? String(Math.floor(Math.random() * 2 ** 31))
  console.log(`Seed ${seed}, ${values.runs} requests to each operation.`)
  const env = { ...process.env, FUZZ_SEED: seed, FUZZ_RUNS: values.runs }
  return (await runNode(['scripts/test.ts', 'api', 'test/contract/fuzz'], { stdout: 'inherit', env })) ?? 130
}

async function runAvailability(): Promise<number> {
  const only = values.only?.split(',')
  const chosen = attacks.filter(({ id }) => !only || only.includes(id))
  const results = await measureAvailability(chosen, Number(values.seconds), (result) => {
    console.log(`${result.title}: ${harm(result).join('; ') || 'no harm'}`)
  })
  const table = availabilityTable(results)
  console.log(`\n${table}\n`)
  if (values.write && !only) {
    const text = `${environmentLine('npm run test:hostile -- availability --write')}\n\n${table}`
    await writeFile(PAGE, withLatestRun(await readFile(PAGE, 'utf8'), text))
  }
  return results.every((result) => harm(result).length === 0) ? 0 : 1
}
