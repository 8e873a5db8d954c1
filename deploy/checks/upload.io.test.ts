import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { copyFiles, isClone, sourceFiles, uploadedFiles } from '../../scripts/tests/uploaded-files.ts'

const ROOT = join(import.meta.dirname, '../..')
const PRIVATE = [
  '.env',
  '.cutroom/secrets.json',
  '.cutroom-test/postgres-1/PG_VERSION',
  'coverage/index.html',
  'node_modules/pg/index.js',
  'services/shared/generated/client.ts',
  'terraform/.terraform/modules.json',
  'terraform/prod.tfvars',
  'terraform/terraform.tfstate',
  'terraform/terraform.tfstate.backup',
]
const run = promisify(execFile)
const testInClone = isClone(ROOT) ? test : test.skip
if (!isClone(ROOT))
  console.warn('\n*** SKIPPED the files that gcloud uploads: this folder is not a git clone. ***\n')

/** A working copy, as somebody has it who calls `gcloud builds submit`. */
let workingCopy: string
let sources: string[]
let uploaded: string[]

beforeAll(async () => {
  if (!isClone(ROOT)) return
  workingCopy = await mkdtemp(join(tmpdir(), 'cutroom-upload-'))
  sources = await sourceFiles(ROOT)
  await copyFiles(ROOT, workingCopy, sources)
  for (const name of PRIVATE) {
    await mkdir(dirname(join(workingCopy, name)), { recursive: true })
    await writeFile(join(workingCopy, name), 'private')
  }
  await run('git', ['init', '--quiet'], { cwd: workingCopy })
  uploaded = await uploadedFiles(workingCopy)
}, 60_000)
afterAll(async () => {
  if (workingCopy) await rm(workingCopy, { recursive: true, force: true })
})

// That `npm run check` passes on the uploaded files is how `npm test` runs the checks: scripts/tests/checks.ts.
testInClone(
  'every source file is uploaded, .gitignore included, and nothing else: no secrets, nothing generated',
  () => {
    expect(sources).toContain('.gitignore')
    expect(uploaded.toSorted()).toEqual(sources.toSorted())
  },
)
