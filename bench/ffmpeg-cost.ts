import { spawn } from 'node:child_process'
import { NICENESS } from '#batch/media/engine.ts'

/** What a run of ffmpeg took: wall clock and CPU in seconds, memory at its most in MB. */
export type Cost = { wallS: number; cpuS: number; peakMB: number; said: string }

/**
 * Runs ffmpeg to its end and gives what it says that it used. Rejects when it fails, or takes longer than
 * `limitS`. `nice`: under batch's niceness, which matters on a machine that has other work as well.
 */
export async function ffmpegCost(
  args: string[],
  { nice = false, limitS = 300 }: { nice?: boolean; limitS?: number } = {},
): Promise<Cost> {
  const began = performance.now()
  const [command, prefix] = nice ? ['nice', ['-n', `${NICENESS}`, 'ffmpeg']] : ['ffmpeg', []]
  const child = spawn(command, [...prefix, '-benchmark', ...talkative(args)], {
    stdio: ['ignore', 'ignore', 'pipe'],
    timeout: limitS * 1000,
    killSignal: 'SIGKILL',
  })
  let said = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said = (said + text).slice(-20_000)
  })
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', resolve)
  })
  const wallS = (performance.now() - began) / 1000
  if (code !== 0) throw new Error(`ffmpeg ended with ${code ?? 'a signal'}: ${said.slice(-600)}`)
  return { wallS, said, ...usageOf(said) }
}

// The figures are printed as information.
const talkative = (args: string[]) => args.map((arg, i) => (args[i - 1] === '-loglevel' ? 'info' : arg))

/** CPU in seconds and memory in MB out of ffmpeg's own last lines. */
export function usageOf(said: string): { cpuS: number; peakMB: number } {
  const [, user, system] = /bench: utime=([\d.]+)s stime=([\d.]+)s/.exec(said) ?? []
  const [, kB] = /bench: maxrss=(\d+)\s*k/i.exec(said) ?? []
  if (!user || !system || !kB) throw new Error(`ffmpeg did not say what it used: ${said.slice(-600)}`)
  return { cpuS: Number(user) + Number(system), peakMB: Number(kB) / 1024 }
}

/** What several runs took one after the other. */
export const together = (costs: Cost[]): Cost => ({
  wallS: costs.reduce((sum, { wallS }) => sum + wallS, 0),
  cpuS: costs.reduce((sum, { cpuS }) => sum + cpuS, 0),
  peakMB: Math.max(...costs.map(({ peakMB }) => peakMB)),
  said: costs.map(({ said }) => said).join('\n'),
})
