import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { cp, mkdir } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)

/** What Cloud Build unpacked is no clone, and its image has no git. */
export const isClone = (dir: string): boolean => existsSync(join(dir, '.git'))

/**
 * Paths of the files below a folder that `gcloud builds submit` uploads: .gcloudignore has the syntax of .gitignore, and with an
 * empty index every file is untracked. The folder is a git repository.
 */
export const uploadedFiles = (dir: string): Promise<string[]> => filesIn(dir, '--exclude-from=.gcloudignore')

/** Paths of the files below a folder that git does not ignore. The folder is a git repository. */
export const sourceFiles = (dir: string): Promise<string[]> => filesIn(dir, '--exclude-standard')

async function filesIn(cwd: string, exclude: string): Promise<string[]> {
  const env = { ...process.env, GIT_INDEX_FILE: join(tmpdir(), `cutroom-no-index-${process.pid}`) }
  const { stdout } = await run('git', ['ls-files', '--others', '-z', exclude], {
    cwd,
    env,
    maxBuffer: 2 ** 26,
  })
  return stdout.split('\0').filter(Boolean)
}

/** Copies files from one folder to another, by their paths there. */
export async function copyFiles(from: string, to: string, names: string[]): Promise<void> {
  for (const name of names) {
    await mkdir(dirname(join(to, name)), { recursive: true })
    await cp(join(from, name), join(to, name))
  }
}
