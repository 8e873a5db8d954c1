/**
 * `npm run contract` writes the documents that are generated from the contract and the settings. `--check` compares
 * them instead and reports the files that are out of date.
 */
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { settingGroups } from '#shared/config.ts'
import { buildOpenApi } from '#shared/contract/openapi.ts'
import { version } from '#shared/version.ts'
import { clientErrors, clientRoutes, clientTypes, clientVersion } from './contract/client-types.ts'
import { buildCollection, variables } from './contract/collection.ts'
import { envExample } from './contract/env-example.ts'
import { grafanaRules } from './contract/grafana-rules.ts'
import { errorsTable, presetsTable, replaceBlock, settingsTables } from './contract/markdown.ts'
import { pythonBodies, pythonErrors, pythonOperations } from './contract/python-client.ts'
import type { TypedDocument } from './contract/python-types.ts'

/** What the clients derive from the contract. */
const CLIENT = 'clients/typescript/src/generated'
const PYTHON_CLIENT = 'clients/python/cutroom/generated'
const root = join(import.meta.dirname, '..')
const read = (path: string) => readFile(join(root, path), 'utf8').catch(() => '')

/** A generated file: its path below the root, and its new text given the current one. */
export type GeneratedFile = { path: string; generate: (current: string) => string | Promise<string> }

const generatedFiles: GeneratedFile[] = [
  { path: 'docs/openapi.json', generate: () => toJson(buildOpenApi(variables.base_url, version)) },
  {
    path: 'docs/cutroom.postman_collection.json',
    generate: async () => toJson(await buildCollection(buildOpenApi(variables.base_url, version))),
  },
  { path: 'docs/errors.md', generate: (current) => replaceBlock(current, 'errors', errorsTable()) },
  { path: 'docs/presets.md', generate: (current) => replaceBlock(current, 'presets', presetsTable()) },
  {
    path: 'docs/configuration.md',
    generate: (current) => replaceBlock(current, 'settings', `\n${settingsTables(settingGroups)}\n`),
  },
  { path: `${CLIENT}/api.ts`, generate: () => clientTypes(buildOpenApi(variables.base_url, version)) },
  { path: `${CLIENT}/routes.ts`, generate: clientRoutes },
  { path: `${CLIENT}/errors.ts`, generate: clientErrors },
  { path: `${CLIENT}/version.ts`, generate: () => clientVersion(version) },
  { path: `${PYTHON_CLIENT}/operations.py`, generate: () => pythonOperations(typedDocument()) },
  { path: `${PYTHON_CLIENT}/types.py`, generate: () => pythonBodies(typedDocument()) },
  { path: `${PYTHON_CLIENT}/contract.py`, generate: () => pythonErrors(version) },
  { path: '.env.example', generate: () => envExample(settingGroups) },
  {
    path: 'deploy/grafana/provisioning/alerting/rules.yml',
    generate: async () => grafanaRules(await read('deploy/prometheus-rules.yml')),
  },
]

/** The document, whose own types say less of its schemas. */
function typedDocument(): TypedDocument {
  return buildOpenApi(variables.base_url, version) as unknown as TypedDocument
}

if (import.meta.main) {
  if (process.argv.includes('--check')) {
    const outdated = await findOutdated(generatedFiles, read)
    for (const line of outdated) console.error(line)
    process.exitCode = outdated.length > 0 ? 1 : 0
  } else {
    for (const { path, generate } of generatedFiles) {
      await writeFile(join(root, path), await generate(await read(path)))
    }
  }
}

/** One line for each file that is out of date, with the first difference. */
export async function findOutdated(
  files: GeneratedFile[],
  readCurrent: (path: string) => Promise<string>,
): Promise<string[]> {
  const compared = files.map(async ({ path, generate }) => {
    const current = await readCurrent(path)
    const wanted = await generate(current)
    if (current === wanted) return []
    return [`${path} is out of date; run: npm run contract. ${firstDifference(current, wanted)}`]
  })
  return (await Promise.all(compared)).flat()
}

function firstDifference(current: string, wanted: string): string {
  const currentLines = current.split('\n')
  const wantedLines = wanted.split('\n')
  const index = wantedLines.findIndex((line, i) => line !== currentLines[i])
  if (index < 0) return `It has extra lines after line ${wantedLines.length}.`
  return `Line ${index + 1} is ${quote(currentLines[index])} and should be ${quote(wantedLines[index])}.`
}

function quote(line: string | undefined): string {
  return line === undefined ? 'missing' : `"${line.trim().slice(0, 80)}"`
}

function toJson(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`
}
