import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { commandLine } from './command-line.ts'

/** How a stack shows in a list of processes. */
const STACK = 'services/local/main.ts'

/**
 * Makes the data directory when missing and takes it for this process; the function given back lets go of it.
 * Rejects when it cannot be written, or when a running stack has it. The lock of a process that is gone, or whose
 * id has become someone else's, counts for nothing.
 */
export async function lockDataDir(dataDir: string): Promise<() => Promise<void>> {
  const lock = join(dataDir, 'lock')
  await mkdir(dataDir, { recursive: true }).catch((cause) => refuse(dataDir, cause))
  if (!(await write(lock, dataDir))) {
    const holder = Number.parseInt(await readFile(lock, 'utf8').catch(() => ''), 10)
    if (await isStack(holder)) {
      throw new Error(
        `${dataDir} is used by another stack (process ${holder}); set DATA_DIR to another directory.`,
      )
    }
    await rm(lock, { force: true })
    if (!(await write(lock, dataDir)))
      throw new Error(`${dataDir} was taken by another stack at this moment.`)
  }
  return () => rm(lock, { force: true })
}

/** In a container the process ids repeat: our own in an old lock says nothing. */
async function isStack(pid: number): Promise<boolean> {
  return pid > 0 && pid !== process.pid && (await commandLine(pid)).includes(STACK)
}

/** False when somebody's lock is there already. */
async function write(lock: string, dataDir: string): Promise<boolean> {
  return writeFile(lock, `${process.pid}\n`, { flag: 'wx' }).then(
    () => true,
    (error: NodeJS.ErrnoException) => (error.code === 'EEXIST' ? false : refuse(dataDir, error)),
  )
}

function refuse(dataDir: string, cause: Error): never {
  throw new Error(`${dataDir} cannot be written (${cause.message}); set DATA_DIR to another directory.`, {
    cause,
  })
}
