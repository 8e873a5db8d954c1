import { once } from 'node:events'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { versionOf } from '#batch/media/ffmpeg/version.ts'
import { buildDebianRoot, type DebianRoot } from './debian-root.ts'
import type { Outcome } from './outcome.ts'
import { quickStartOf } from './quick-start.ts'

const PORTS = { PORT: 18_080, BATCH_PORT: 18_081 }
/** A start installs packages and ffmpeg first. */
const READY_TIMEOUT_MS = 15 * 60_000
const POLL_MS = 1_000

/** Width, height and seconds of the reel that the README promises. */
const REEL = '640,360,20.000000'

const LOGS = join(import.meta.dirname, '..', '..', '.cutroom-test')

const SHORT_TEST = 'npm run test:unit && npm run test:media -- media/engine media/ffmpeg'

/** Builds a distribution in a folder and runs both commands of the README in it. Reports a failure instead of throwing it. */
export async function tryDistribution(
  name: string,
  dir: string,
  { short, mirror }: { short: boolean; mirror?: string },
): Promise<Outcome> {
  const log = join(LOGS, `distros-${name}.log`)
  const outcome: Outcome = { name, node: '–', ffmpeg: '–', seconds: {} }
  const step = async <T>(label: string, work: () => Promise<T>): Promise<T> => {
    console.log(`${name}: ${label} …`)
    outcome.failure = label
    const startedAt = performance.now()
    const result = await work()
    outcome.seconds[label] = (performance.now() - startedAt) / 1000
    delete outcome.failure
    return result
  }
  try {
    await mkdir(LOGS, { recursive: true })
    const root = await step('build', () => buildDebianRoot(name, dir, mirror))
    outcome.node = await root.run('node --print process.versions.node')
    await startAndRender(root, step)
    outcome.ffmpeg = versionOf(await root.run('ffmpeg -version')) ?? '–'
    const output = await step('test', () => root.run(short ? SHORT_TEST : 'npm test', log))
    console.log(`${name}: ${output.split('\n').at(-1)}`)
  } catch (error) {
    outcome.failure ??= 'versions'
    console.error(`${name}: ${error instanceof Error ? error.message : String(error)}`)
    if (outcome.failure === 'test') console.error(`${name}: all of its output is in ${log}`)
  }
  return outcome
}

type Step = <T>(label: string, work: () => Promise<T>) => Promise<T>

/** `npm start` until it is ready, the commands that the README shows for it, and Ctrl-C. */
async function startAndRender(root: DebianRoot, step: Step): Promise<void> {
  const settings = Object.entries(PORTS).map(([name, port]) => `${name}=${port}`)
  const stack = root.start(`exec env ${settings.join(' ')} npm start`)
  const exited = once(stack, 'exit')
  try {
    await step('start', () => Promise.race([untilReady(), exited.then(() => Promise.reject(ended()))]))
    await step('reel', () => renderReel(root))
  } finally {
    if (stack.exitCode === null) stack.kill('SIGTERM')
    await exited
  }
}

async function renderReel(root: DebianRoot): Promise<void> {
  const script = quickStartOf(await root.run('cat README.md'), PORTS.PORT)
  const output = await root.run(`bash <<'END_OF_QUICK_START'\n${script}\nEND_OF_QUICK_START`)
  const reel = await root.run(
    'ffprobe -v error -select_streams v -show_entries stream=width,height,duration -of csv=p=0 reel.mp4',
  )
  if (reel !== REEL) throw new Error(`The reel is ${reel} instead of ${REEL}.\n${output}`)
}

const ended = () => new Error('npm start ended before it was ready.')

async function untilReady(): Promise<void> {
  const deadline = AbortSignal.timeout(READY_TIMEOUT_MS)
  while (!deadline.aborted) {
    const response = await fetch(`http://127.0.0.1:${PORTS.PORT}/health/ready`).catch(() => undefined)
    if (response?.ok) return
    await delay(POLL_MS)
  }
  throw new Error(`npm start was not ready after ${READY_TIMEOUT_MS / 1000} s.`)
}
