/**
 * Static checks: `npm run check [-- name …] [--full]`. One line for each check that passes. `--full`, as in `npm test`, adds the
 * deployment checks that need Terraform's provider and gcloud. `--json FILE` writes how many passed and failed.
 */
import { writeFile } from 'node:fs/promises'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import pLimit from 'p-limit'
import { checkDeployment } from '../deploy/checks/check-deploy.ts'
import { folderSizeIssues } from './checks/folder-size.ts'
import { lockfileIssues } from './checks/lockfile.ts'
import { runTool } from './checks/run-tool.ts'
import { toLine, vocabularyHits } from './checks/vocabulary.ts'

const ROOT = join(import.meta.dirname, '..')
const SOURCES = ['services', 'clients', 'scripts', 'test', 'bench', 'deploy']

/** `issues` is empty when all is well. `skipped` names what could not be checked on this machine, and why. */
type Options = { full: boolean }
type Verdict = { issues: string; skipped?: string[] }

const tool =
  (script: string, ...args: string[]) =>
  async (): Promise<Verdict> => ({ issues: await runTool(ROOT, `node_modules/${script}`, ...args) })

const script =
  (name: string, ...args: string[]) =>
  async (): Promise<Verdict> => ({ issues: await runTool(ROOT, `scripts/${name}`, ...args) })

/** The slow ones first: they run side by side. */
const CHECKS: Record<string, (options: Options) => Promise<Verdict>> = {
  types: tool('typescript-7/bin/tsc', '-p', '.'),
  'page types': tool('typescript-7/bin/tsc', '-p', 'services/web/page/app'),
  unused: tool('knip/bin/knip.js', '--no-progress', '--no-config-hints'),
  imports: tool(
    'dependency-cruiser/bin/dependency-cruiser.mjs',
    '--config',
    '.dependency-cruiser.mjs',
    ...SOURCES,
  ),
  deploy: async ({ full }) => {
    const { issues, skipped } = await checkDeployment(full)
    return { issues: issues.join('\n'), skipped }
  },
  contract: script('contract.ts', '--check'),
  style: tool('@biomejs/biome/bin/biome', 'check'),
  vocabulary: async () => ({ issues: (await vocabularyHits(ROOT)).map(toLine).join('\n') }),
  folders: async () => ({ issues: folderSizeIssues(ROOT).join('\n') }),
  lockfile: async () => ({ issues: lockfileIssues(ROOT).join('\n') }),
}

if (import.meta.main) {
  const { positionals, values } = parseArgs({
    allowPositionals: true,
    options: { full: { type: 'boolean', default: false }, json: { type: 'string' } },
  })
  const unknown = positionals.filter((name) => !(name in CHECKS))
  if (unknown.length > 0) {
    console.error(`Unknown check: ${unknown.join(', ')}. Available: ${Object.keys(CHECKS).join(', ')}.`)
    process.exit(2)
  }
  const count = await runChecks(values, positionals)
  if (values.json) await writeFile(values.json, JSON.stringify(count))
  process.exitCode = count.failed > 0 ? 1 : 0
}

/** Runs the named checks, or all of them, and prints how each went. */
async function runChecks(options: Options, names: string[]): Promise<{ passed: number; failed: number }> {
  const limit = pLimit(Math.min(availableParallelism(), 4))
  const selected = Object.entries(CHECKS).filter(([name]) => names.length === 0 || names.includes(name))
  const results = await Promise.all(
    selected.map(([name, check]) => limit(() => runCheck(name, () => check(options)))),
  )
  const passed = results.filter(Boolean).length
  return { passed, failed: results.length - passed }
}

async function runCheck(name: string, check: () => Promise<Verdict>): Promise<boolean> {
  const startedAt = performance.now()
  const { issues, skipped = [] } = await check()
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1)
  for (const reason of skipped) console.warn(`SKIPPED ${name.padEnd(10)} ${reason}`)
  console.log(`${issues ? 'FAILED ' : 'ok     '} ${name.padEnd(10)} ${seconds} s`)
  if (issues) console.log(issues.trimEnd())
  return issues === ''
}
