/**
 * Runs docker-compose.yml without a Docker engine: the same commands, environment, start order and health checks, as processes.
 * The code is compiled as in the images; container names become loopback addresses, and container folders local ones. Without
 * an engine there are no third-party images, no read-only root file system, no users and no volumes.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { interpolate } from '../../deploy/checks/environment.ts'
import { parseYaml } from '../../deploy/checks/yaml.ts'
import { eventually } from './processes.ts'

const ROOT = join(import.meta.dirname, '..', '..')

type Container = {
  image: string
  command?: string[]
  environment?: Record<string, string>
  healthcheck?: { test: string[]; retries: number }
  depends_on?: Record<string, { condition: string }>
  stop_grace_period?: string
}
export type Image = { folder: string; env: Record<string, string>; command: string[]; healthcheck: string[] }

/** Name inside the containers → name on this machine: addresses, ports, folders. The first match wins. */
export type Translations = Record<string, string>

export type Compose = Awaited<ReturnType<typeof openCompose>>

/** Reads the file; starts nothing. `translations` must cover every container that this repository does not build. */
export async function openCompose(translations: Translations) {
  const text = await readFile(join(ROOT, 'docker-compose.yml'), 'utf8')
  const [document] = parseYaml(text) as [{ services: Record<string, Container> }]
  const images: Record<string, Image> = {
    'cutroom-web': await readImage('Dockerfile.web'),
    'cutroom-batch': await readImage('Dockerfile.batch'),
  }
  const running = new Map<string, Running>()
  const names = new RegExp(Object.keys(translations).map(escapeRegExp).join('|'), 'g')
  const translate = (text: string) => interpolate(text).replace(names, (name) => translations[name] ?? name)

  function find(name: string) {
    const container = document.services[name]
    if (!container) throw new Error(`docker-compose.yml has no service ${name}`)
    const image = images[container.image]
    const settings = Object.entries({ ...image?.env, ...container.environment })
    const env = Object.fromEntries(settings.map(([key, value]) => [key, translate(value)]))
    const command = (container.command ?? image?.command ?? []).map(translate)
    // The repository's own path is not a name inside a container: it may well contain one, such as /tmp.
    const cwd = image ? translate(image.folder) : ROOT
    const run = (words: string[]) => start(words, env, cwd)
    return { container, image, env, command, cwd, run }
  }

  /** Starts a container after those it depends on, as compose does. */
  async function up(name: string): Promise<void> {
    const { container, command, run } = find(name)
    for (const [other, { condition }] of Object.entries(container.depends_on ?? {})) {
      if (!isOurs(document.services[other])) continue
      if (!running.has(other)) await up(other)
      if (condition === 'service_completed_successfully') await succeeds(other)
      else await healthy(other)
    }
    running.set(name, run(command))
  }

  async function succeeds(name: string): Promise<void> {
    const { exited, output } = findRunning(name)
    const code = await exited
    if (code !== 0) throw new Error(`${name} exited with ${code}:\n${output()}`)
  }

  /** Repeats a container's health check in its environment, as an engine does, until it passes. */
  async function healthy(name: string): Promise<void> {
    const { container, run } = find(name)
    const check = (container.healthcheck?.test ?? []).slice(1).map(translate)
    await eventually(`${name} to be healthy`, 30_000, async () => {
      const { child, output } = findRunning(name)
      if (child.exitCode !== null) throw new Error(`${name} exited with ${child.exitCode}:\n${output()}`)
      return (await run(check).exited) === 0
    })
  }

  function findRunning(name: string): Running {
    const found = running.get(name)
    if (!found) throw new Error(`${name} was not started`)
    return found
  }

  return {
    up,
    healthy,
    environment: (name: string) => find(name).env,
    directory: (name: string) => find(name).cwd,
    output: (name: string) => findRunning(name).output(),
    /** Runs the image's own health check; returns its exit code. */
    checkImage(name: string): Promise<number | null> {
      const { image, run } = find(name)
      return run((image?.healthcheck ?? []).map(translate)).exited
    },
    /** Sends SIGTERM, as `docker compose down` does; returns the exit code, and whether the grace period sufficed. */
    async stop(name: string): Promise<{ code: number | null; inTime: boolean }> {
      const graceMs = Number.parseFloat(find(name).container.stop_grace_period ?? '10') * 1000
      const { child, exited } = findRunning(name)
      const startedAt = performance.now()
      child.kill('SIGTERM')
      const code = await exited
      return { code, inTime: performance.now() - startedAt < graceMs }
    },
    /** Kills every process that still runs. */
    kill(): void {
      for (const { child } of running.values()) child.kill('SIGKILL')
    },
  }
}

/** Containers that can run as processes: our images, and Node's. */
const isOurs = (container?: Container): boolean => /^(cutroom-|node:)/.test(container?.image ?? '')

export type Running = { child: ChildProcess; exited: Promise<number | null>; output(): string }

/** Starts a command of an image on this machine, with the environment of its container and no more. */
export function start([program = '', ...args]: string[], env: Record<string, string>, cwd: string): Running {
  const file = program === 'node' ? process.execPath : program
  const child = spawn(file, args, {
    cwd,
    // No more than the container gets; PATH is for ffmpeg.
    env: { PATH: process.env.PATH, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk) => (output += chunk))
  const exited = new Promise<number | null>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', resolve)
  })
  return { child, exited, output: () => output }
}

/** Environment, working directory and commands of a Dockerfile's last stage. */
export async function readImage(file: string): Promise<Image> {
  const text = (await readFile(join(ROOT, file), 'utf8')).replaceAll('\\\n', ' ')
  const last = text.slice(text.lastIndexOf('\nFROM '))
  const list = (pattern: RegExp): string[] => JSON.parse(pattern.exec(last)?.[1] ?? '[]')
  const settings = /^ENV (.*)$/m.exec(last)?.[1] ?? ''
  return {
    folder: /^WORKDIR (.*)$/m.exec(last)?.[1] ?? '/',
    env: Object.fromEntries([...settings.matchAll(/(\w+)=(\S+)/g)].map(([, name, value]) => [name, value])),
    command: list(/^CMD (\[.*\])$/m),
    healthcheck: list(/^HEALTHCHECK .*?CMD (\[.*\])$/m),
  }
}

const escapeRegExp = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
