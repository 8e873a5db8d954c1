/**
 * Runs a TypeScript entry on a machine that may have nothing but Node 20 and npm: `node scripts/setup.mjs <entry.ts> [arguments]`.
 * Installs the packages, generates the database client and installs ffmpeg (and Chromium, for tests), each only when it is missing,
 * then starts the entry under the Node that npm installed. Plain JavaScript without packages, since it runs before there are any. Prints nothing when
 * there is nothing to do.
 */
import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  accessSync,
  constants,
  existsSync,
  readdirSync,
  readFileSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { constants as os } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { acquireLock } from './setup-lock.mjs'

const ROOT = dirname(dirname(fileURLToPath(import.meta.url)))
/** In full: the shell that npm started may have cached where `node` is before npm installed its own. */
const NODE = inRoot('node_modules/.bin/node')
/** Hash of the lockfile that was installed, and of the schema that the client was generated from. */
const INSTALLED = inRoot('node_modules/.cutroom-lock')
const GENERATED = inRoot('services/shared/generated/schema.sha256')
/** The sources of the web page, and the hash of those that it was built from. */
const PAGE_SOURCES = ['services/web/page/app', 'clients/typescript/src']
const PAGE_BUILT = inRoot('services/web/page/built/sources.sha256')
const PARENT_POLL_MS = 250

/** The current child process: signals are passed on to it. */
let child
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child?.kill(signal))
if (process.env.npm_lifecycle_event) stopWithParent()

const [entry, ...args] = process.argv.slice(2)
if (!entry) fail('Usage: node scripts/setup.mjs <entry.ts> [arguments]')

if (missingSteps().length > 0) {
  const release = await acquireLock(ROOT, (file) =>
    print(`Waiting for another set-up of this folder (${file}) …`),
  )
  try {
    const tried = new Set()
    // Asked again after each: installing the packages removes what their scripts had created.
    for (let step = nextStep(tried); step; step = nextStep(tried)) {
      tried.add(step)
      await step()
    }
  } finally {
    release()
  }
}
startEntry()

function missingSteps() {
  return [
    ...(arePackagesInstalled() ? [] : [installPackages]),
    // A script of the package `node` brings Node itself, and those of the others run together with it.
    ...(existsSync(NODE) ? [] : [runInstallScripts]),
    ...(isClientGenerated() ? [] : [generateClient]),
    ...(!needsPage() || isPageBuilt() ? [] : [buildPage]),
    ...(!needsFfmpeg() || isFfmpegInstalled() ? [] : [installFfmpeg]),
    ...(!needsChromium() || isChromiumInstalled() || !isDebian() ? [] : [installChromium]),
  ]
}

function nextStep(tried) {
  return missingSteps().find((step) => !tried.has(step))
}

/** Starts the entry under the Node of node_modules. The IPC channel lets it notice when this process is killed. */
function startEntry() {
  const env = { ...process.env, PATH: [inRoot('node_modules/.bin'), process.env.PATH].join(delimiter) }
  const stdio = ['inherit', 'inherit', 'inherit', 'ipc']
  // Node's own --env-file-if-exists prints a line when there is no .env.
  const envFile = existsSync(inRoot('.env')) ? ['--env-file=.env'] : []
  child = spawn(NODE, [...envFile, entry, ...args], { cwd: ROOT, stdio, env })
  child.once('error', (error) => fail(`Could not start ${entry}: ${error.message}`))
  child.once('exit', (code, signal) => process.exit(code ?? 128 + os.signals[signal]))
}

/** npm passes SIGTERM to its shell only, which exits without passing it on. */
function stopWithParent() {
  const parent = process.ppid
  const check = () => process.ppid !== parent && child?.kill('SIGTERM')
  setInterval(check, PARENT_POLL_MS).unref()
}

function arePackagesInstalled() {
  const wanted = hashOf('package-lock.json')
  if (read(INSTALLED) === wanted) return true
  if (!hasNpmInstalled()) return false
  writeFileSync(INSTALLED, wanted)
  return true
}

/** Whether npm itself installed what the lockfile names; npm writes its own lockfile when an install is complete. */
function hasNpmInstalled() {
  const lockfile = read(inRoot('node_modules/.package-lock.json'))
  if (!lockfile) return false
  const installed = JSON.parse(lockfile).packages
  const wanted = JSON.parse(read(inRoot('package-lock.json'))).packages
  return Object.entries(wanted).every(
    ([path, { version, optional }]) =>
      path === '' || installed[path]?.version === version || (optional && !installed[path]),
  )
}

async function installPackages() {
  print('Installing packages (a minute or two) …')
  const flags = ['--include=dev', '--no-audit', '--no-fund', '--loglevel=error']
  const { code, output } = await run([...npm(), 'ci', ...flags])
  // npm 11 rejects a lockfile without the optional packages of other platforms, which npm 10 accepts. `npm install` uses the same
  // lockfile and accepts it.
  if (code !== 0) {
    const failure = 'Could not install the packages'
    if (!/code EUSAGE/.test(output)) fail(`${failure}: npm ci exited with ${code}.\n${output.trimEnd()}`)
    await runOrFail([...npm(), 'install', '--no-save', ...flags], failure)
  }
  writeFileSync(INSTALLED, hashOf('package-lock.json'))
}

/**
 * .npmrc lets no package run a script when it is installed. The few that need theirs are named in package.json, under
 * `allowScripts`, which npm itself reads since version 12; here it is obeyed with every version.
 */
async function runInstallScripts() {
  const { allowScripts } = JSON.parse(read(inRoot('package.json')))
  const names = Object.keys(allowScripts).filter(
    (name) => allowScripts[name] && existsSync(inRoot('node_modules', name)),
  )
  const command = [...npm(), 'rebuild', '--ignore-scripts=false', '--loglevel=error', ...names]
  await runOrFail(command, `Could not run the install scripts of ${names.join(', ')}`)
}

/** The npm that started this process, or the one on the PATH: installing packages removes the Node that runs this, if it is theirs. */
function npm() {
  const { npm_execpath: path } = process.env
  return path?.endsWith('.js') && existsSync(process.execPath) ? [process.execPath, path] : ['npm']
}

function isClientGenerated() {
  return read(GENERATED) === hashOf('prisma/schema.prisma', 'node_modules/prisma/package.json')
}

async function generateClient() {
  print('Generating the database client …')
  const command = [NODE, inRoot('node_modules/prisma/build/index.js'), 'generate']
  await runOrFail(command, 'Could not generate the database client')
  writeFileSync(GENERATED, hashOf('prisma/schema.prisma', 'node_modules/prisma/package.json'))
}

/** Whether the entry starts the web service. */
function needsPage() {
  if (/scripts\/test\.ts$/.test(entry)) {
    const speeds = args.filter((arg) => /^(unit|io|api|media|e2e|page|chaos)$/.test(arg))
    return speeds.length === 0 || speeds.some((speed) => /io|api|e2e|page|chaos/.test(speed))
  }
  return /(local\/main|scripts\/(demo|dev)|bench\/main|(chaos|corpus|hostile|page)\/main)\.ts$/.test(entry)
}

function isPageBuilt() {
  return read(PAGE_BUILT) === pageSources()
}

async function buildPage() {
  print('Building the web page …')
  await runOrFail([NODE, inRoot('scripts/build-page.mjs')], 'Could not build the web page')
  writeFileSync(PAGE_BUILT, pageSources())
}

/** Hash of everything that the page is built from; its tests are not. */
function pageSources() {
  const files = PAGE_SOURCES.flatMap((dir) =>
    readdirSync(inRoot(dir), { recursive: true, withFileTypes: true }),
  )
    .filter((entry) => entry.isFile() && !/\.test\.ts$/.test(entry.name))
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name).slice(ROOT.length + 1))
  return hashOf('scripts/build-page.mjs', 'package-lock.json', ...files.sort())
}

/** Checks, contracts and migrations never run ffmpeg. */
function needsFfmpeg() {
  if (/scripts\/test\.ts$/.test(entry)) {
    const speeds = args.filter((arg) => /^(unit|io|api|media|e2e|page|chaos)$/.test(arg))
    return speeds.length === 0 || speeds.some((speed) => /media|e2e|page|chaos/.test(speed))
  }
  return /((local|batch)\/main|scripts\/(demo|dev)|bench\/main|(chaos|hostile|page)\/main)\.ts$/.test(entry)
}

function isFfmpegInstalled() {
  return isInstalled('FFMPEG_PATH', 'ffmpeg') && isInstalled('FFPROBE_PATH', 'ffprobe')
}

/** Whether a program is where the setting, from the environment or .env, says, or on the PATH. */
function isInstalled(setting, name) {
  const inFile = new RegExp(`^${setting}=["']?([^"'\\n]+)`, 'm').exec(read(inRoot('.env')))?.[1]
  const program = process.env[setting] || inFile?.trim() || name
  return program.includes('/') ? isExecutable(program) : isOnPath(program)
}

async function installFfmpeg() {
  const commands = await ffmpegInstaller()
  if (!commands) {
    fail(
      'ffmpeg and ffprobe were not found. Install them (Debian: sudo apt-get install ffmpeg; macOS: brew install ' +
        'ffmpeg), or set FFMPEG_PATH and FFPROBE_PATH.',
    )
  }
  print('Installing ffmpeg …')
  for (const command of commands) await runOrFail(command, 'Could not install ffmpeg')
  if (!isFfmpegInstalled()) {
    fail('ffmpeg was installed but not found. Check FFMPEG_PATH, FFPROBE_PATH and PATH.')
  }
}

/** Only tests of the page use a browser. */
function needsChromium() {
  if (/scripts\/test\.ts$/.test(entry)) {
    const speeds = args.filter((arg) => /^(unit|io|api|media|e2e|page|chaos)$/.test(arg))
    return speeds.length === 0 || speeds.includes('page')
  }
  return /page\/main\.ts$/.test(entry)
}

function isChromiumInstalled() {
  return isInstalled('CHROMIUM_PATH', 'chromium') || isOnPath('chromium-browser') || isOnPath('google-chrome')
}

/** Elsewhere a package of that name may install something else, such as a snap, or may not exist. */
function isDebian() {
  return /^ID=debian$/m.test(read('/etc/os-release'))
}

/** Without it, the tests of the page are skipped, and report that; so a failure stops nothing. */
async function installChromium() {
  const commands = await aptInstall('chromium')
  if (!commands) return
  print('Installing chromium …')
  for (const command of commands) {
    const { code } = await run(command)
    if (code !== 0) return print(`Could not install chromium: ${command.join(' ')} exited with ${code}.`)
  }
}

/** The commands that install ffmpeg without asking for a password; undefined when there are none. */
async function ffmpegInstaller() {
  if (isOnPath('brew')) return [['brew', 'install', 'ffmpeg']]
  return aptInstall('ffmpeg')
}

/** The commands that install a package without asking for a password; undefined when there are none. */
async function aptInstall(name) {
  if (!isOnPath('apt-get')) return undefined
  const isRoot = process.getuid?.() === 0
  const canSudo = isRoot || (isOnPath('sudo') && (await run(['sudo', '-n', 'true'])).code === 0)
  if (!canSudo) return undefined
  const apt = [...(isRoot ? [] : ['sudo', '-n']), 'env', 'DEBIAN_FRONTEND=noninteractive', 'apt-get']
  return [
    [...apt, 'update'],
    [...apt, 'install', '-y', '--no-install-recommends', name],
  ]
}

function isOnPath(name) {
  return (process.env.PATH ?? '').split(delimiter).some((dir) => isExecutable(join(dir, name)))
}

function isExecutable(file) {
  try {
    accessSync(file, constants.X_OK)
    return statSync(file).isFile()
  } catch {
    return false
  }
}

/** Runs a command; its output is shown only when it fails. */
async function runOrFail(command, failure) {
  const { code, output } = await run(command)
  if (code !== 0) fail(`${failure}: ${command.join(' ')} exited with ${code}.\n${output.trimEnd()}`)
}

function run([program, ...rest]) {
  const env = {
    ...process.env,
    // Prisma would download an engine that is never run; the path of any file prevents that.
    PRISMA_SCHEMA_ENGINE_BINARY: process.env.PRISMA_SCHEMA_ENGINE_BINARY ?? process.execPath,
    CHECKPOINT_DISABLE: '1',
  }
  child = spawn(program, rest, { cwd: ROOT, env, stdio: ['ignore', 'pipe', 'pipe'] })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += chunk))
  return new Promise((resolve) => {
    child.once('error', (error) => resolve({ code: error.code, output: error.message }))
    child.once('close', (code, signal) => resolve({ code: code ?? signal, output }))
  })
}

function hashOf(...files) {
  const hash = createHash('sha256')
  for (const file of files) hash.update(read(inRoot(file)))
  return hash.digest('hex')
}

function inRoot(...path) {
  return join(ROOT, ...path)
}

function read(file) {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return ''
  }
}

function print(line) {
  process.stderr.write(`${line}\n`)
}

function fail(line) {
  print(line)
  process.exit(1)
}
