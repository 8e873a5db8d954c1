import { type ChildProcess, spawn } from 'node:child_process'
import { createWriteStream, existsSync } from 'node:fs'
import { copyFile, mkdir, writeFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { dirname, join } from 'node:path'

const REPOSITORY = join(import.meta.dirname, '..', '..')
const USER = 'ada'
const CLONE = `/home/${USER}/cutroom`
/** What the README presupposes, and sudo, with which ffmpeg is installed. */
const PACKAGES = 'nodejs,npm,git,curl,sudo,ca-certificates,procps'
/** Mirrors lag: the index of testing is valid for a week only. Its signature is checked all the same. */
const APT_OPTION = '--aptopt=Acquire::Check-Valid-Until "false"'
/** Files of this machine without which another system could not reach the network, if they exist. */
const NETWORK_FILES = ['/etc/resolv.conf', '/etc/ssl/certs/ca-certificates.crt', '/etc/npmrc']
const NETWORK_VARIABLES = /^(https?_proxy|no_proxy|npm_config_registry)$/i
const MIN_NODE = 20

/** A Debian system in a folder. */
export type DebianRoot = {
  /** Runs a command line in the clone, as the ordinary user; rejects when it fails. Returns what it printed, also to a file. */
  run(command: string, logFile?: string): Promise<string>
  /** Starts a command line in the clone, as the ordinary user. */
  start(command: string): ChildProcess
}

/**
 * Builds a system in a folder: the distribution's packages, this machine's network settings, an ordinary user who may use sudo, and a
 * clone of what is committed here. Its mounts belong to the mount namespace of the caller.
 */
export async function buildDebianRoot(suite: string, dir: string, mirror?: string): Promise<DebianRoot> {
  const build = [
    '--quiet',
    '--variant=minbase',
    '--mode=root',
    APT_OPTION,
    `--include=${PACKAGES}`,
    suite,
    dir,
  ]
  await execute('mmdebstrap', mirror ? [...build, mirror] : build)
  await mount(dir)
  await copyNetworkSettings(dir)
  const asRoot = (command: string) => execute('chroot', [dir, 'sh', '-ec', command])
  await asRoot(`useradd --create-home --shell /bin/sh ${USER}`)
  await writeFile(join(dir, 'etc/sudoers.d', USER), `${USER} ALL=(ALL) NOPASSWD: ALL\n`, { mode: 0o440 })
  if (existsSync(join(homedir(), '.npmrc'))) {
    await copyFile(join(homedir(), '.npmrc'), join(dir, `home/${USER}/.npmrc`))
    await copyFile(join(homedir(), '.npmrc'), join(dir, 'root/.npmrc'))
  }
  const major = await asRoot('node --print "process.versions.node.split(\'.\')[0]"')
  // Debian 12 has Node 18; the README asks for 20.
  if (Number(major) < MIN_NODE) await asRoot(`npm install --global --loglevel=error node@${MIN_NODE}`)
  await execute('git', ['clone', '--quiet', '--no-hardlinks', REPOSITORY, join(dir, CLONE)])
  await asRoot(`chown --recursive ${USER}:${USER} /home/${USER}`)
  const enter = (command: string) => [
    ...[`--userspec=${USER}:${USER}`, `--groups=${USER}`, dir, 'env', '--ignore-environment'],
    ...[`HOME=/home/${USER}`, `USER=${USER}`, 'PATH=/usr/local/bin:/usr/bin:/bin', 'LANG=C.UTF-8'],
    ...Object.entries(process.env).flatMap(([name, value]) =>
      NETWORK_VARIABLES.test(name) ? [`${name}=${value}`] : [],
    ),
    ...['sh', '-ec', `cd ${CLONE} && ${command}`],
  ]
  return {
    run: (command, logFile) => execute('chroot', enter(command), logFile),
    start: (command) => spawn('chroot', enter(command), { stdio: ['ignore', 'inherit', 'inherit'] }),
  }
}

async function mount(dir: string): Promise<void> {
  await execute('mount', ['-t', 'proc', 'proc', join(dir, 'proc')])
  for (const shared of ['/dev', '/sys']) await execute('mount', ['--rbind', shared, join(dir, shared)])
}

async function copyNetworkSettings(dir: string): Promise<void> {
  for (const file of NETWORK_FILES.filter((path) => existsSync(path))) {
    await mkdir(dirname(join(dir, file)), { recursive: true })
    await copyFile(file, join(dir, file))
  }
}

const MAX_OUTPUT_LENGTH = 4_000

/** Runs a program and returns its trimmed stdout; rejects with the end of its output when it fails. All of it goes to `logFile`. */
function execute(program: string, args: string[], logFile?: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'] })
    const log = logFile ? createWriteStream(logFile) : undefined
    let stdout = ''
    let output = ''
    child.stdout.on('data', (chunk: Buffer) => (stdout += chunk))
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (chunk: Buffer) => {
        output = (output + chunk).slice(-MAX_OUTPUT_LENGTH)
        log?.write(chunk)
      })
    }
    child.once('error', reject)
    child.once('close', (code) => {
      log?.end()
      if (code === 0) resolve(stdout.trim())
      else reject(new Error(`${program} exited with ${code}.\n${output.trim()}`))
    })
  })
}
