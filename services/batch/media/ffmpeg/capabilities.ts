import { guardedCommand, type ProcessGuard, runGuardedProcess } from './guarded-process.ts'

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
