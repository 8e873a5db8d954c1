import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Claim } from '#shared/tasks/rows.ts'

/** Scratch space of one attempt: `dir` for what it reads, and the empty `outputDir` within for what it writes. */
export type Workspace = AsyncDisposable & { dir: string; outputDir: string }

/** Creates an attempt's scratch space below `scratchDir`. Disposing it removes all files. */
export async function openWorkspace(
  scratchDir: string,
  claim: Pick<Claim, 'jobId' | 'attempt'>,
): Promise<Workspace> {
  await mkdir(scratchDir, { recursive: true })
  const dir = await mkdtemp(join(scratchDir, `${process.pid}-${claim.jobId}-${claim.attempt}-`))
  const outputDir = join(dir, 'out')
  await mkdir(outputDir)
  return { dir, outputDir, [Symbol.asyncDispose]: () => rm(dir, { recursive: true, force: true }) }
}

/**
 * Removes the workspaces of crashed processes, and returns how many there were. A workspace's name begins with its
 * owner's process id. Call this before opening any: in a container every process has the same id, so a workspace
 * with this process's id belonged to its predecessor.
 */
export async function removeAbandonedWorkspaces(scratchDir: string): Promise<number> {
  await mkdir(scratchDir, { recursive: true })
  const abandoned = (await readdir(scratchDir)).filter((name) => {
    const owner = Number(/^(\d+)-/.exec(name)?.[1])
    return owner > 0 && (owner === process.pid || !isRunning(owner))
  })
  await Promise.all(abandoned.map((name) => rm(join(scratchDir, name), { recursive: true, force: true })))
  return abandoned.length
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch (error) {
    // EPERM means that the process exists and belongs to another user.
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
  }
}
