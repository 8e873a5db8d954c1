import { chmod, mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { commandLine } from './command-line.ts'

/** Identifies a stack's process by its command line. */
const STACK_ENTRY = 'services/local/main.ts'

/**
 * Creates the data directory when missing and locks it for this process; the returned function unlocks it. Rejects when
 * the directory is not writable or a running stack has locked it. A lock is ignored when its process is gone or its id
 * now belongs to another program.
 */
export async function lockDataDir(dataDir: string): Promise<() => Promise<void>> {
  const lock = join(dataDir, 'lock')
  await mkdir(dataDir, { recursive: true }).catch((cause) => refuse(dataDir, cause))
  if (!(await write(lock, dataDir))) {
    const holder = Number.parseInt(await readFile(lock, 'utf8').catch(() => ''), 10)
    if (await isStack(holder)) {
      throw new Error(
        `${dataDir} is in use by another stack (process ${holder}); stop it, or set DATA_DIR to another directory.`,
      )
    }
    await rm(lock, { force: true })
    if (!(await write(lock, dataDir))) {
      throw new Error(`${dataDir} has just been locked by another stack; set DATA_DIR to another directory.`)
    }
  }
  await closeFiles(dataDir)
  return () => rm(lock, { force: true })
}

/** Earlier versions created the directory of all users' files with a mode that lets every account of the machine read it. */
async function closeFiles(dataDir: string): Promise<void> {
  await chmod(join(dataDir, 'files'), 0o700).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw error
  })
}

/** Our own id in an old lock means nothing: in a container, process ids repeat. */
async function isStack(pid: number): Promise<boolean> {
  return pid > 0 && pid !== process.pid && (await commandLine(pid)).includes(STACK_ENTRY)
}

/** Writes the lock file. Returns false when there already is one. */
async function write(lock: string, dataDir: string): Promise<boolean> {
  return writeFile(lock, `${process.pid}\n`, { flag: 'wx' }).then(
    () => true,
    (error: NodeJS.ErrnoException) => (error.code === 'EEXIST' ? false : refuse(dataDir, error)),
  )
}

function refuse(dataDir: string, cause: Error): never {
  throw new Error(`${dataDir} is not writable (${cause.message}); set DATA_DIR to another directory.`, {
    cause,
  })
}
