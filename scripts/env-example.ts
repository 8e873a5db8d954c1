/** Keeps .env.example in step with the settings: `node scripts/env-example.ts` writes it, `--check` only compares. */
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { settings } from '#shared/config.ts'

const FILE = join(import.meta.dirname, '..', '.env.example')
/** Their defaults differ from machine to machine, so none is shown. */
const BY_MACHINE = ['BATCH_CONCURRENCY']
/** Set by Cloud Run, by nobody else. */
const NOT_YOURS = ['K_SERVICE']

type Setting = (typeof settings)[number]

if (import.meta.main) {
  if (!process.argv.includes('--check')) await writeFile(FILE, envExample(settings))
  else if ((await envExampleFaults()).length > 0) {
    console.error(...(await envExampleFaults()))
    process.exitCode = 1
  }
}

/** What is wrong with .env.example, one line each. */
export async function envExampleFaults(): Promise<string[]> {
  const kept = await readFile(FILE, 'utf8').catch(() => '')
  return kept === envExample(settings)
    ? []
    : ['.env.example is out of date; run: node scripts/env-example.ts']
}

/** The file's text: every setting with its meaning, commented out at its default. */
export function envExample(all: Setting[]): string {
  const head =
    '# Settings of Cutroom. Copy to .env and uncomment what you change; npm start needs none of them.\n'
  const yours = all.filter(({ name }) => !NOT_YOURS.includes(name))
  return [
    head,
    ...yours.map((setting) => `# ${setting.description}\n#${setting.name}=${shown(setting)}\n`),
  ].join('\n')
}

function shown({ name, fallback }: Setting): string {
  if (fallback === undefined || BY_MACHINE.includes(name)) return ''
  return Array.isArray(fallback) ? fallback.join(',') : String(fallback)
}
