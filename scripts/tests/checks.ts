import { existsSync } from 'node:fs'
import { cp, mkdtemp, readFile, rm, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Count, NONE } from './count.ts'
import { runNode } from './run-node.ts'
import { copyFiles, isClone, uploadedFiles } from './uploaded-files.ts'

const ROOT = join(import.meta.dirname, '..', '..')
const CLIENT = 'services/shared/generated'

/**
 * Runs all checks, as Cloud Build does first, on exactly the files that `gcloud builds submit` uploads, in a copy: what is missing
 * there, or there without need, shows. What is no clone is such a copy itself. `dir`: of the report.
 */
export async function runAllChecks(dir: string): Promise<Count> {
  if (!isClone(ROOT)) return runIn(ROOT, dir)
  const copy = await mkdtemp(join(tmpdir(), 'cutroom-checks-'))
  try {
    await copyFiles(ROOT, copy, await uploadedFiles(ROOT))
    // As `npm ci` and the set-up would provide them.
    await symlink(join(ROOT, 'node_modules'), join(copy, 'node_modules'))
    await cp(join(ROOT, CLIENT), join(copy, CLIENT), { recursive: true })
    return await runIn(copy, dir)
  } finally {
    await rm(copy, { recursive: true, force: true })
  }
}

async function runIn(cwd: string, dir: string): Promise<Count> {
  const file = join(dir, `checks-${process.pid}.json`)
  const args = ['scripts/setup.mjs', 'scripts/check.ts', '--full', '--json', file]
  const code = await runNode(args, { cwd, stdout: 'inherit' })
  const count: Count = existsSync(file) ? { ...NONE, ...JSON.parse(await readFile(file, 'utf8')) } : NONE
  await rm(file, { force: true })
  return code === 0 || count.failed > 0 ? count : { ...count, failed: 1 }
}
