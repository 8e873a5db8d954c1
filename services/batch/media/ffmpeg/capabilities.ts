import { guardedCommand, type ProcessGuard, runGuardedProcess } from './guarded-process.ts'

/** Asks an ffmpeg, once, whether it has the filters that bring HDR to SDR. */
export function canToneMap(ffmpeg: string, guard: ProcessGuard): () => Promise<boolean> {
  let known: Promise<boolean> | undefined
  const ask = async () => {
    const options = { deadlineMs: 10_000, signal: new AbortController().signal }
    const { stdout } = await runGuardedProcess(
      guardedCommand(ffmpeg, guard),
      ['-hide_banner', '-filters'],
      options,
    )
    return / zscale /.test(stdout) && / tonemap /.test(stdout)
  }
  return () => {
    known ??= ask()
    return known
  }
}
