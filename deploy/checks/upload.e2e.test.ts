import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { cp, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from '@jest/globals'

const ROOT = join(import.meta.dirname, '../..')
const CLIENT = 'services/shared/generated'
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
/** What Cloud Build unpacked is no clone, and its image has no git. */
const isClone = existsSync(join(ROOT, '.git'))
const testInClone = isClone ? test : test.skip
if (!isClone)
  console.warn('\n*** SKIPPED the files that gcloud uploads: this folder is not a git clone. ***\n')

/** A working copy, as somebody has it who calls `gcloud builds submit`. */
let workingCopy: string
let sources: string[]
let uploaded: string[]
const temporary: string[] = []

beforeAll(async () => {
  if (!isClone) return
  workingCopy = await mkdtemp(join(tmpdir(), 'cutroom-upload-'))
  temporary.push(workingCopy)
  sources = await filesIn(ROOT, '--exclude-standard')
  for (const name of sources) await copy(ROOT, workingCopy, name)
  for (const name of PRIVATE) {
    await mkdir(dirname(join(workingCopy, name)), { recursive: true })
    await writeFile(join(workingCopy, name), 'private')
  }
  await run('git', ['init', '--quiet'], { cwd: workingCopy })
  uploaded = await filesIn(workingCopy, '--exclude-from=.gcloudignore')
}, 60_000)
afterAll(() => Promise.all(temporary.map((dir) => rm(dir, { recursive: true, force: true }))))

/** Paths below a folder; .gcloudignore has the syntax of .gitignore, and with an empty index every file is untracked. */
async function filesIn(cwd: string, exclude: string): Promise<string[]> {
  const env = { ...process.env, GIT_INDEX_FILE: join(tmpdir(), `cutroom-no-index-${process.pid}`) }
  const { stdout } = await run('git', ['ls-files', '--others', '-z', exclude], {
    cwd,
    env,
    maxBuffer: 2 ** 26,
  })
  return stdout.split('\0').filter(Boolean)
}

async function copy(from: string, to: string, name: string): Promise<void> {
  await mkdir(dirname(join(to, name)), { recursive: true })
  await cp(join(from, name), join(to, name))
}

testInClone(
  'every source file is uploaded, .gitignore included, and nothing else: no secrets, nothing generated',
  () => {
    expect(sources).toContain('.gitignore')
    expect(uploaded.toSorted()).toEqual(sources.toSorted())
  },
)

testInClone(
  '`npm run check` passes on the uploaded files',
  async () => {
    const upload = await mkdtemp(join(tmpdir(), 'cutroom-build-'))
    temporary.push(upload)
    for (const name of uploaded) await copy(workingCopy, upload, name)
    // As `npm ci` and the set-up would provide them.
    await symlink(join(ROOT, 'node_modules'), join(upload, 'node_modules'))
    await cp(join(ROOT, CLIENT), join(upload, CLIENT), { recursive: true })
    const args = ['scripts/setup.mjs', 'scripts/check.ts']
    const failure = await run(process.execPath, args, { cwd: upload }).then(
      () => undefined,
      (error: { stdout: string; stderr: string }) => error.stdout + error.stderr,
    )
    expect(failure).toBeUndefined()
  },
  300_000,
)
