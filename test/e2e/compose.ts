/**
 * docker-compose.yml without a Docker engine: the same commands, environment, start order and health checks, as
 * processes. What the images hold is compiled as they compile it; containers' names become addresses of the loopback,
 * and their folders become folders of `home`. Left out, for want of an engine: the images of others, the read-only
 * root, users and volumes.
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
type Image = { folder: string; env: Record<string, string>; command: string[]; healthcheck: string[] }

/** What containers call a thing, and what it is here: addresses, ports, folders. The first that fits is taken. */
export type Places = Record<string, string>

export type Compose = Awaited<ReturnType<typeof openCompose>>

/** Reads the file; starts nothing. `places` covers every container that is not ours to start. */
export async function openCompose(places: Places) {
  const text = await readFile(join(ROOT, 'docker-compose.yml'), 'utf8')
  const [document] = parseYaml(text) as [{ services: Record<string, Container> }]
  const images: Record<string, Image> = {
    'cutroom-web': await readImage('Dockerfile.web'),
    'cutroom-batch': await readImage('Dockerfile.batch'),
  }
  const running = new Map<string, Running>()
  const anyPlace = new RegExp(Object.keys(places).map(escapeRegExp).join('|'), 'g')
  const here = (said: string) => interpolate(said).replace(anyPlace, (place) => places[place] ?? place)

  function describe(name: string) {
    const container = document.services[name]
    if (!container) throw new Error(`docker-compose.yml has no service ${name}`)
    const image = images[container.image]
    const said = { ...image?.env, ...container.environment }
    const env = Object.fromEntries(Object.entries(said).map(([key, value]) => [key, here(value)]))
    const command = (container.command ?? image?.command ?? []).map(here)
    const run = (words: string[]) => start(words, env, here(image?.folder ?? ROOT))
    return { container, image, env, command, run }
  }

  /** Starts a container and first, as compose does, what it waits for. */
  async function up(name: string): Promise<void> {
    const { container, command, run } = describe(name)
    for (const [other, { condition }] of Object.entries(container.depends_on ?? {})) {
      if (!isOurs(document.services[other])) continue
      if (!running.has(other)) await up(other)
      if (condition === 'service_completed_successfully') await succeeds(other)
      else await healthy(other)
    }
    running.set(name, run(command))
  }

  async function succeeds(name: string): Promise<void> {
    const { ended, said } = find(name)
    const code = await ended
    if (code !== 0) throw new Error(`${name} ended with ${code}:\n${said()}`)
  }

  /** Runs a health check as an engine would, in the container's environment, until it is content. */
  async function healthy(name: string): Promise<void> {
    const { container, run } = describe(name)
    const check = (container.healthcheck?.test ?? []).slice(1).map(here)
    await eventually(`${name} to be healthy`, 30_000, async () => {
      const { child, said } = find(name)
      if (child.exitCode !== null) throw new Error(`${name} ended with ${child.exitCode}:\n${said()}`)
      return (await run(check).ended) === 0
    })
  }

  function find(name: string): Running {
    const found = running.get(name)
    if (!found) throw new Error(`${name} was not started`)
    return found
  }

  return {
    up,
    healthy,
    environment: (name: string) => describe(name).env,
    said: (name: string) => find(name).said(),
    /** Runs the image's own health check; gives its exit code. */
    checkImage(name: string): Promise<number | null> {
      const { image, run } = describe(name)
      return run((image?.healthcheck ?? []).map(here)).ended
    },
    /** Sends SIGTERM, as `docker compose down` does; gives the exit code and whether it was within the grace. */
    async stop(name: string): Promise<{ code: number | null; inTime: boolean }> {
      const grace = Number.parseFloat(describe(name).container.stop_grace_period ?? '10') * 1000
      const { child, ended } = find(name)
      const began = performance.now()
      child.kill('SIGTERM')
      const code = await ended
      return { code, inTime: performance.now() - began < grace }
    },
    /** Ends at once whatever still runs. */
    kill(): void {
      for (const { child } of running.values()) child.kill('SIGKILL')
    },
  }
}

/** What can be started here: our images, and what runs on Node's alone. */
const isOurs = (container?: Container): boolean => /^(cutroom-|node:)/.test(container?.image ?? '')

type Running = { child: ChildProcess; ended: Promise<number | null>; said(): string }

function start([program = '', ...args]: string[], env: Record<string, string>, cwd: string): Running {
  const file = program === 'node' ? process.execPath : program
  const child = spawn(file, args, {
    cwd,
    // No more than the container would see; PATH leads to ffmpeg.
    env: { PATH: process.env.PATH, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let said = ''
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk) => (said += chunk))
  const ended = new Promise<number | null>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', resolve)
  })
  return { child, ended, said: () => said }
}

/** The settings of a Dockerfile's last stage, and what it starts. */
async function readImage(file: string): Promise<Image> {
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
