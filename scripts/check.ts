/** Everything that can be said of the code without running it: `npm run check`. One line each when all is well. */
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { checkCloud } from '../deploy/checks/check-deploy.ts'
import { importFaults } from './check-imports.ts'
import { envExampleIssues } from './env-example.ts'

const root = join(import.meta.dirname, '..')

/** What a check has to say against the code; empty when it is content. */
type Check = { name: string; complaints: () => Promise<string> }

const checks: Check[] = [
  { name: 'types', complaints: () => complaintsOf('node_modules/typescript-7/bin/tsc', '-p', '.') },
  { name: 'style', complaints: () => complaintsOf('node_modules/@biomejs/biome/bin/biome', 'check') },
  { name: 'imports', complaints: async () => (await importFaults(root)).join('\n') },
  { name: 'settings', complaints: async () => (await envExampleIssues()).join('\n') },
  { name: 'contract', complaints: () => complaintsOf('scripts/contract.ts', '--check') },
  { name: 'cloud', complaints: cloudComplaints },
]

if (import.meta.main) process.exitCode = (await runChecks()).failed > 0 ? 1 : 0

/** Runs every check, says how each went, and counts. */
export async function runChecks(): Promise<{ passed: number; failed: number }> {
  let failed = 0
  for (const { name, complaints } of checks) {
    const began = performance.now()
    const said = (await complaints()).trim()
    const took = `${((performance.now() - began) / 1000).toFixed(1)} s`
    console.log(`${said ? 'FAILED' : 'ok    '} ${name.padEnd(10)} ${took}`)
    if (said) {
      console.log(said)
      failed += 1
    }
  }
  return { passed: checks.length - failed, failed }
}

/** What could not be checked here is said aloud, and is no complaint. */
async function cloudComplaints(): Promise<string> {
  const { faults, skipped } = await checkCloud()
  for (const what of skipped) console.warn(`SKIPPED ${what}`)
  return faults.join('\n')
}

/** What a program says when it ends with anything but 0. */
async function complaintsOf(script: string, ...args: string[]): Promise<string> {
  if (!existsSync(join(root, script))) return `${script} is missing`
  const child = spawn(process.execPath, [script, ...args], { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] })
  let said = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (said += chunk))
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', resolve)
  })
  return code === 0 ? '' : said || `${script} ended with ${code}`
}
