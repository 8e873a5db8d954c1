import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { guardedCommand, type ProcessGuard, runGuardedProcess } from './guarded-process.ts'
import { unsupportedVersion, versionOf } from './version.ts'

const TIMEOUT_MS = 10_000

/**
 * Returns a function that resolves to whether this ffmpeg has the filters that convert HDR and wide gamuts to SDR
 * (`zscale` and `tonemap`; builds without libzimg lack the first). ffmpeg is asked once; later calls get the same answer.
 */
export function canConvertColours(ffmpeg: string, guard: ProcessGuard): () => Promise<boolean> {
  let answer: Promise<boolean> | undefined
  const listFilters = async () => {
    const options = { deadlineMs: TIMEOUT_MS, signal: new AbortController().signal }
    const command = guardedCommand(ffmpeg, guard)
    const { stdout } = await runGuardedProcess(command, ['-hide_banner', '-filters'], options)
    return / zscale /.test(stdout) && / tonemap /.test(stdout)
  }
  return () => {
    answer ??= listFilters()
    return answer
  }
}

/**
 * The versions of the given programs; `programs` are by the names of their settings. "unknown" for one that does not tell.
 * @throws Error when one cannot be run, or is older than what is supported.
 */
export async function requireSupportedVersions(programs: Record<string, string>): Promise<string[]> {
  return Promise.all(
    Object.entries(programs).map(async ([setting, program]) => {
      const { stdout } = await promisify(execFile)(program, ['-version'], { timeout: TIMEOUT_MS }).catch(
        (cause) => {
          throw new Error(`${program} could not be run; install ffmpeg or set ${setting}.`, { cause })
        },
      )
      const refusal = unsupportedVersion(setting, program, stdout)
      if (refusal) throw new Error(refusal)
      return versionOf(stdout) ?? 'unknown'
    }),
  )
}
