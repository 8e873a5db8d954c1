import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Claim } from '#shared/tasks/rows.ts'

/** Scratch space of one attempt: `dir` for what is read, `outputDir` for what is made. */
export type Workspace = AsyncDisposable & { dir: string; outputDir: string }

/** Makes an attempt's scratch space. It goes when the attempt ends, however it ends. */
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
 * Removes what crashed processes left. The name of a workspace says whose it is. Called before this process
 * opens any: in a container every process has the same id, so one of that name is then a predecessor's.
 */
export async function removeAbandoned(scratchDir: string): Promise<number> {
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
    // EPERM: it runs, as somebody else.
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
  }
}
