import { constants } from 'node:fs'
import { access, realpath } from 'node:fs/promises'
import { delimiter, dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { ConfigError } from '#shared/config.ts'
import type { Logger } from '#shared/observability/logger.ts'
import { guardedCommand, runGuardedProcess, toolEnvironment } from './guarded-process.ts'
import type { Sandbox } from './sandbox.ts'

export type SandboxSetting = 'auto' | 'off' | 'required'

/** The images that the product itself has ffmpeg read. */
const ASSETS = fileURLToPath(new URL('../assets', import.meta.url))

/**
 * The sandbox in which tools run, tried out with each of `tools` (paths or names); undefined when MEDIA_SANDBOX is off or it does
 * not work here, which is logged as a warning. `dir`: where tools work, and so must be able to write.
 * @throws ConfigError when it is required and does not work
 */
export async function findSandbox(
  setting: SandboxSetting,
  { tools, dir, log }: { tools: string[]; dir: string; log: Logger },
): Promise<Sandbox | undefined> {
  const found = setting === 'off' ? { problem: 'MEDIA_SANDBOX is off' } : await trySandbox(tools, dir)
  if ('sandbox' in found) {
    log.info('media tools run in a sandbox', { program: found.sandbox.program })
    return found.sandbox
  }
  if (setting === 'required') throw new ConfigError([`MEDIA_SANDBOX: required, but ${found.problem}`])
  log.warn('MEDIA TOOLS RUN WITHOUT A SANDBOX: they can read the files that this service can read', {
    reason: found.problem,
  })
  return undefined
}

async function trySandbox(tools: string[], dir: string): Promise<{ sandbox: Sandbox } | { problem: string }> {
  if (process.platform !== 'linux') return { problem: 'there is none for this system' }
  const program = await findProgram('bwrap')
  if (!program) return { problem: 'bubblewrap (bwrap) is not installed' }
  const programs = await Promise.all(tools.map(findProgram))
  const folders = await Promise.all(programs.map(async (path) => path && dirname(await realpath(path))))
  // Builds outside of /usr often have their libraries beside them.
  const own = folders.flatMap((folder) => (folder ? [folder, join(folder, '../lib')] : []))
  const sandbox = { program, readOnly: [ASSETS, ...new Set(own)] }
  for (const tool of tools) {
    const problem = await tryTool(tool, sandbox, dir)
    if (problem) return { problem }
  }
  return { sandbox }
}

/** Runs a tool in the sandbox as media work does. Returns what went wrong. */
async function tryTool(tool: string, sandbox: Sandbox, dir: string): Promise<string | undefined> {
  const command = guardedCommand(tool, { memoryBytes: 0, niceness: 0, sandbox, dir })
  const options = { deadlineMs: 10_000, signal: new AbortController().signal }
  try {
    const { exitCode, stderr } = await runGuardedProcess(command, ['-version'], options)
    if (exitCode === 0) return undefined
    return `${tool} does not run in it: ${stderr.trim().split('\n').at(-1) || `exit code ${exitCode}`}`
  } catch (error) {
    return `${tool} does not run in it: ${error}`
  }
}

/** The path of a program, which is looked for as the system does; undefined when there is none. */
async function findProgram(name: string): Promise<string | undefined> {
  const { PATH = '' } = toolEnvironment()
  const paths = name.includes('/')
    ? [resolve(name)]
    : PATH.split(delimiter).map((folder) => join(folder, name))
  for (const path of paths) {
    const runs = await access(path, constants.X_OK).then(
      () => true,
      () => false,
    )
    if (runs) return path
  }
  return undefined
}
