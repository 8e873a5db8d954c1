/**
 * Writes what is made from the contract: docs/openapi.json, the Postman collection, the error catalogue and the
 * tables of the README. `--check` only compares, and says what has drifted.
 */
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { settings } from '#shared/config.ts'
import { buildOpenApi } from '#shared/contract/openapi.ts'
import { version } from '#shared/version.ts'
import { makeCollection, variables } from './contract/collection.ts'
import { errorsTable, fillIn, presetsTable, settingsTable } from './contract/markdown.ts'

const root = join(import.meta.dirname, '..')
const read = (path: string) => readFile(join(root, path), 'utf8').catch(() => '')

/** A generated file: its path below the root, and its text made from the text that is there. */
export type Made = { path: string; make: (kept: string) => string | Promise<string> }

export const made: Made[] = [
  { path: 'docs/openapi.json', make: () => json(buildOpenApi(variables.base_url, version)) },
  {
    path: 'docs/cutroom.postman_collection.json',
    make: async () => json(await makeCollection(buildOpenApi(variables.base_url, version))),
  },
  { path: 'docs/errors.md', make: (kept) => fillIn(kept, 'errors', errorsTable()) },
  {
    path: 'README.md',
    make: (kept) => fillIn(fillIn(kept, 'presets', presetsTable()), 'settings', settingsTable(settings)),
  },
]

if (import.meta.main) {
  if (process.argv.includes('--check')) {
    const faults = await driftOf(made, read)
    for (const fault of faults) console.error(fault)
    process.exitCode = faults.length > 0 ? 1 : 0
  } else {
    for (const { path, make } of made) await writeFile(join(root, path), await make(await read(path)))
  }
}

/** Every generated file that is not what the contract makes of it, one line each with the first difference. */
export async function driftOf(files: Made[], readKept: (path: string) => Promise<string>): Promise<string[]> {
  const compared = files.map(async ({ path, make }) => {
    const kept = await readKept(path)
    const wanted = await make(kept)
    return kept === wanted ? [] : [`${path} has drifted; run: npm run contract. ${difference(kept, wanted)}`]
  })
  return (await Promise.all(compared)).flat()
}

function difference(kept: string, wanted: string): string {
  const [have, want] = [kept.split('\n'), wanted.split('\n')]
  const line = want.findIndex((text, place) => text !== have[place])
  if (line < 0) return `It goes on after line ${want.length}.`
  const quoted = (text: string | undefined) =>
    text === undefined ? 'nothing' : `"${text.trim().slice(0, 80)}"`
  return `Line ${line + 1} is ${quoted(have[line])} and should be ${quoted(want[line])}.`
}

function json(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`
}
