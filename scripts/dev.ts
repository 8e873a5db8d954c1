/**
 * `npm run dev`: `npm start` that restarts whenever a source file changes. The database and all files in DATA_DIR stay.
 * `node scripts/dev.ts [entry] [--watch folder]` does the same for another entry.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { watch } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'

const ROOT = join(import.meta.dirname, '..')
/** Editors write a file in several steps, and save several files at once. */
const SETTLE_MS = 150
const SOURCE = /\.(ts|js|mjs|sql|json)$/
const IGNORED = /\.test\.ts$|(^|[\\/])(generated|testing)[\\/]/

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: { watch: { type: 'string', default: join(ROOT, 'services') } },
})
const [entry = join(ROOT, 'services/local/main.ts')] = positionals

let child = start()
let timer: NodeJS.Timeout | undefined
let restarting = false
let stopping = false

watch(values.watch, { recursive: true }, (_event, file) => {
  if (file && SOURCE.test(file) && !IGNORED.test(file)) restartSoon(file)
})

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => stop(signal))
process.on('disconnect', () => stop('SIGTERM'))

function start(): ChildProcess {
  // The channel lets the child notice when this process is killed.
  const started = spawn(process.execPath, [entry], {
    cwd: ROOT,
    stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
  })
  started.once('exit', (code) => {
    if (stopping) process.exit(code ?? 0)
    if (!restarting) console.log(`Stopped with exit code ${code}. Waiting for a change …`)
  })
  return started
}

function restartSoon(file: string): void {
  clearTimeout(timer)
  timer = setTimeout(() => void restart(file), SETTLE_MS)
}

async function restart(file: string): Promise<void> {
  if (stopping) return
  if (restarting) return restartSoon(file)
  restarting = true
  console.log(`${file} changed. Restarting …`)
  if (child.exitCode === null && child.signalCode === null) {
    child.kill('SIGTERM')
    await once(child, 'exit')
  }
  restarting = false
  child = start()
}

function stop(signal: NodeJS.Signals): void {
  stopping = true
  if (child.exitCode !== null || child.signalCode !== null) process.exit(0)
  child.kill(signal)
}
