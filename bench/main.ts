/**
 * `npm run bench -- <name>`: runs a benchmark and prints its tables; with --write also puts them into docs/benchmarks.md.
 * `--rounds 9` sets the number of rounds, `--clip path` uses that clip instead of a generated one; for `chunks` and
 * `chunks-wall`, `--minutes 60` sets the length of the source. `chunks-wall` and `overhead` take an idle machine; `push` is a simulation, on any.
 */
import { execFileSync } from 'node:child_process'
import { readFile, writeFile } from 'node:fs/promises'
import { arch, availableParallelism, cpus, totalmem } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { withSection } from './document-sections.ts'
import { type BenchOptions, type Report, reportText } from './harness.ts'

const DOCUMENT = join(import.meta.dirname, '../docs/benchmarks.md')

const BENCHES: Record<string, () => Promise<(options: BenchOptions) => Promise<Report>>> = {
  overhead: async () => (await import('./overhead.ts')).overhead,
  api: async () => (await import('./api.ts')).api,
  upload: async () => (await import('./upload.ts')).upload,
  start: async () => (await import('./start.ts')).start,
  media: async () => (await import('./media.ts')).media,
  chunks: async () => (await import('./chunks.ts')).chunks,
  'chunks-wall': async () => (await import('./chunks-wall.ts')).chunksWall,
  ranged: async () => (await import('./ranged.ts')).ranged,
  page: async () => (await import('./page.ts')).page,
  push: async () => (await import('./push/bench.ts')).push,
}

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: {
    rounds: { type: 'string' },
    clip: { type: 'string' },
    minutes: { type: 'string' },
    write: { type: 'boolean', default: false },
  },
})
const named = positionals.length > 0 ? positionals : Object.keys(BENCHES)
const unknown = named.filter((name) => !(name in BENCHES))
if (unknown.length > 0) {
  console.error(`Unknown benchmark: ${unknown.join(', ')}. Known: ${Object.keys(BENCHES).join(', ')}.`)
  process.exit(1)
}

const toNumber = (value: string | undefined) => (value === undefined ? undefined : Number(value))
const [rounds, minutes] = [toNumber(values.rounds), toNumber(values.minutes)]
const { clip } = values
for (const name of named) {
  const bench = await BENCHES[name]?.()
  const report = await bench?.({ rounds, clip, minutes })
  if (!report) continue
  const text = reportText({ ...report, notes: [...report.notes, environmentLine(name)] })
  console.log(`\n${text}\n`)
  if (values.write) await writeFile(DOCUMENT, withSection(await readFile(DOCUMENT, 'utf8'), text))
}

/** The command, date, machine and versions of a run, as one line. */
function environmentLine(name: string): string {
  const flags = [
    ...(rounds ? [`--rounds ${rounds}`] : []),
    ...(minutes ? [`--minutes ${minutes}`] : []),
    ...(clip ? ['--clip …'] : []),
  ]
  const command = `npm run bench -- ${[name, ...flags].join(' ')}`
  const ffmpeg = execFileSync('ffmpeg', ['-version'], { encoding: 'utf8' }).split(' ')[2]
  const model = cpus()[0]?.model.trim() || arch()
  const machine = `${availableParallelism()} cores (${model}), ${Math.round(totalmem() / 1024 ** 3)} GB`
  const day = new Date().toISOString().slice(0, 10)
  return `\`${command}\`, ${day}, ${machine}, Node ${process.versions.node}, ffmpeg ${ffmpeg}.`
}
