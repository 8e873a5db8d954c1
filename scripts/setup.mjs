/**
 * Runs an entry of the product on a machine that may lack everything but Node 18 and npm:
 * `node scripts/setup.mjs <entry.ts> [arguments]`. Installs the packages, generates the database client and
 * finds ffmpeg, each only when there is need, and hands over to the Node that npm brought along. Plain JavaScript
 * without packages, since it must run before there are any. Says nothing when there is nothing to do.
 */
import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { accessSync, constants, existsSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { constants as os } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { takeLock } from './setup-lock.mjs'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const at = (...path) => join(root, ...path)
// Named in full: a shell that npm started may have looked `node` up before npm's own came to be.
const node = at('node_modules/.bin/node')
const installed = at('node_modules/.cutroom-lock')
const generated = at('services/shared/generated/schema.sha256')

/** The child that runs at the moment: it is told of every signal. */
let child
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child?.kill(signal))
if (process.env.npm_lifecycle_event) followParent()

const [entry, ...args] = process.argv.slice(2)
if (!entry) stop('Usage: node scripts/setup.mjs <entry.ts> [arguments]')

const lacking = () => [
  ...(packagesFit() ? [] : [installPackages]),
  ...(clientFits() ? [] : [generateClient]),
  ...(!needsFfmpeg() || ffmpegIsThere() ? [] : [installFfmpeg]),
]
if (lacking().length > 0) {
  const release = await takeLock(root, (file) => say(`Waiting for another set-up of this folder (${file}) …`))
  try {
    for (const provide of lacking()) await provide()
  } finally {
    release()
  }
}
await handOver()

/** The entry, under the Node of node_modules. The channel lets it notice should this process be killed. */
async function handOver() {
  const env = { ...process.env, PATH: [at('node_modules/.bin'), process.env.PATH].join(delimiter) }
  const stdio = ['inherit', 'inherit', 'inherit', 'ipc']
  // Node's own --env-file-if-exists says a line about every .env that does not exist.
  const settings = existsSync(at('.env')) ? ['--env-file=.env'] : []
  child = spawn(node, [...settings, entry, ...args], { cwd: root, stdio, env })
  child.once('error', (error) => stop(`Node could not be started: ${error.message}`))
  child.once('exit', (code, signal) => process.exit(code ?? 128 + os.signals[signal]))
}

/** npm tells only its shell of a SIGTERM, and the shell dies of it without a word to us. */
function followParent() {
  const parent = process.ppid
  const look = () => process.ppid !== parent && child?.kill('SIGTERM')
  setInterval(look, 250).unref()
}

function packagesFit() {
  if (!existsSync(node)) return false
  const wanted = hashOf('package-lock.json')
  if (read(installed) === wanted) return true
  if (!npmAgrees()) return false
  writeFileSync(installed, wanted)
  return true
}

/** Whether npm itself has put here what the lockfile names: npm notes what it did when all of it is done. */
function npmAgrees() {
  const done = read(at('node_modules/.package-lock.json'))
  if (!done) return false
  const here = JSON.parse(done).packages
  const wanted = JSON.parse(read(at('package-lock.json'))).packages
  return Object.entries(wanted).every(
    ([path, { version, optional }]) =>
      path === '' || here[path]?.version === version || (optional && !here[path]),
  )
}

async function installPackages() {
  say('Installing packages (a minute or two) …')
  const npm = process.env.npm_execpath?.endsWith('.js')
    ? [process.execPath, process.env.npm_execpath]
    : ['npm']
  const quiet = ['--include=dev', '--no-audit', '--no-fund', '--loglevel=error']
  const clean = await run([...npm, 'ci', ...quiet])
  // npm 11 refuses a lockfile that leaves out packages for other kinds of machines, which npm 10 takes; `install`
  // goes by the same lockfile and does not mind.
  if (clean.code !== 0) {
    const failure = 'The packages could not be installed'
    if (!/code EUSAGE/.test(clean.said))
      stop(`${failure}: npm ci ended with ${clean.code}.\n${clean.said.trimEnd()}`)
    await quietly([...npm, 'install', '--no-save', ...quiet], failure)
  }
  writeFileSync(installed, hashOf('package-lock.json'))
}

function clientFits() {
  return read(generated) === hashOf('prisma/schema.prisma', 'node_modules/prisma/package.json')
}

async function generateClient() {
  say('Generating the database client …')
  const failure = 'The database client could not be generated'
  await quietly([node, at('node_modules/prisma/build/index.js'), 'generate'], failure)
  writeFileSync(generated, hashOf('prisma/schema.prisma', 'node_modules/prisma/package.json'))
}

/** Checks, contracts and migrations never touch media. */
function needsFfmpeg() {
  if (/scripts\/test\.ts$/.test(entry))
    return args.length === 0 || args.some((speed) => /media|e2e/.test(speed))
  return /(local\/main|scripts\/demo|bench\/main)\.ts$/.test(entry)
}

function ffmpegIsThere() {
  return isThere('FFMPEG_PATH', 'ffmpeg') && isThere('FFPROBE_PATH', 'ffprobe')
}

function isThere(setting, name) {
  const inFile = new RegExp(`^${setting}=["']?([^"'\\n]+)`, 'm').exec(read(at('.env')))?.[1]
  const wanted = process.env[setting] || inFile?.trim() || name
  if (wanted.includes('/')) return isProgram(wanted)
  return onPath(wanted)
}

async function installFfmpeg() {
  const how = await installer()
  if (!how) {
    stop(
      'ffmpeg and ffprobe are missing. Install them (Debian: sudo apt-get install ffmpeg, macOS: brew install ' +
        'ffmpeg), or name them in FFMPEG_PATH and FFPROBE_PATH.',
    )
  }
  say('Installing ffmpeg …')
  for (const command of how) await quietly(command, 'ffmpeg could not be installed')
  if (!ffmpegIsThere())
    stop('ffmpeg was installed and still is not found: look at FFMPEG_PATH, FFPROBE_PATH and PATH.')
}

async function installer() {
  if (onPath('brew')) return [['brew', 'install', 'ffmpeg']]
  if (!onPath('apt-get')) return undefined
  const isRoot = process.getuid?.() === 0
  const mayBeRoot = isRoot || (onPath('sudo') && (await run(['sudo', '-n', 'true'])).code === 0)
  if (!mayBeRoot) return undefined
  const apt = [...(isRoot ? [] : ['sudo', '-n']), 'env', 'DEBIAN_FRONTEND=noninteractive', 'apt-get']
  return [
    [...apt, 'update'],
    [...apt, 'install', '-y', '--no-install-recommends', 'ffmpeg'],
  ]
}

function onPath(name) {
  return (process.env.PATH ?? '').split(delimiter).some((dir) => isProgram(join(dir, name)))
}

function isProgram(file) {
  try {
    accessSync(file, constants.X_OK)
    return statSync(file).isFile()
  } catch {
    return false
  }
}

/** Runs a command to its end; what it said is shown only when it failed. */
async function quietly(command, failure) {
  const { code, said } = await run(command)
  if (code !== 0) stop(`${failure}: ${command.join(' ')} ended with ${code}.\n${said.trimEnd()}`)
}

function run([program, ...rest]) {
  // Prisma would fetch an engine that nothing here ever runs; the name of any file keeps it from that.
  const engine = process.env.PRISMA_SCHEMA_ENGINE_BINARY ?? process.execPath
  const env = { ...process.env, PRISMA_SCHEMA_ENGINE_BINARY: engine, CHECKPOINT_DISABLE: '1' }
  child = spawn(program, rest, { cwd: root, env, stdio: ['ignore', 'pipe', 'pipe'] })
  let said = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (said += chunk))
  return new Promise((resolve) => {
    child.once('error', (error) => resolve({ code: error.code, said: error.message }))
    child.once('close', (code, signal) => resolve({ code: code ?? signal, said }))
  })
}

function hashOf(...files) {
  const hash = createHash('sha256')
  for (const file of files) hash.update(read(at(file)))
  return hash.digest('hex')
}

function read(file) {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return ''
  }
}

function say(line) {
  process.stderr.write(`${line}\n`)
}

function stop(line) {
  say(line)
  process.exit(1)
}
