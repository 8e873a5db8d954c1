import { spawn } from 'node:child_process'
import { NICENESS } from '#batch/media/tools.ts'

/** Resources used by a run of ffmpeg: wall clock and CPU in seconds, peak memory in MB; `log` is the end of its stderr. */
export type Cost = { wallS: number; cpuS: number; peakMB: number; log: string }

/**
 * Runs ffmpeg and returns the resources it reports. Rejects when it fails or takes longer than `limitS` seconds. `nice` runs
 * it with batch's niceness, which matters on a machine with other load.
 */
export async function ffmpegCost(
  args: string[],
  { nice = false, limitS = 300 }: { nice?: boolean; limitS?: number } = {},
): Promise<Cost> {
  const began = performance.now()
  const [command, prefix] = nice ? ['nice', ['-n', `${NICENESS}`, 'ffmpeg']] : ['ffmpeg', []]
  const child = spawn(command, [...prefix, '-benchmark', ...verbose(args)], {
    stdio: ['ignore', 'ignore', 'pipe'],
    timeout: limitS * 1000,
    killSignal: 'SIGKILL',
  })
  let log = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    log = (log + text).slice(-20_000)
  })
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', resolve)
  })
  const wallS = (performance.now() - began) / 1000
  if (code !== 0) throw new Error(`ffmpeg exited with ${code ?? 'a signal'}: ${log.slice(-600)}`)
  return { wallS, log, ...usageOf(log) }
}

// ffmpeg prints the figures at log level info.
const verbose = (args: string[]) => args.map((arg, i) => (args[i - 1] === '-loglevel' ? 'info' : arg))

/** CPU seconds and peak MB from the lines that `-benchmark` prints. */
export function usageOf(log: string): { cpuS: number; peakMB: number } {
  const [, user, system] = /bench: utime=([\d.]+)s stime=([\d.]+)s/.exec(log) ?? []
  const [, kB] = /bench: maxrss=(\d+)\s*k/i.exec(log) ?? []
  if (!user || !system || !kB) throw new Error(`ffmpeg printed no benchmark lines: ${log.slice(-600)}`)
  return { cpuS: Number(user) + Number(system), peakMB: Number(kB) / 1024 }
}

/** The cost of several runs one after another. */
export const sumCosts = (costs: Cost[]): Cost => ({
  wallS: costs.reduce((sum, { wallS }) => sum + wallS, 0),
  cpuS: costs.reduce((sum, { cpuS }) => sum + cpuS, 0),
  peakMB: Math.max(...costs.map(({ peakMB }) => peakMB)),
  log: costs.map(({ log }) => log).join('\n'),
})
