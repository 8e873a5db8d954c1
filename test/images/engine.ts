import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'

const PULL_TIMEOUT_S = '120'

/** What a container gets beyond its image. */
export type ContainerOptions = {
  env: Record<string, string>
  /** In place of the image's own. */
  command?: string[]
}

/** A container that runs until it exits by itself or is stopped. */
export type Container = {
  output(): string
  exited: Promise<number | null>
  /** Sends SIGTERM; returns the exit code and how many ms the container took. */
  stop(): Promise<{ code: number | null; ms: number }>
  kill(): void
}

export type Engine = ReturnType<typeof openEngine>

/**
 * buildah and podman with a storage of their own. Containers run without cgroups, which is all that a container within a container
 * can have, and otherwise as strictly as in the cloud: a read-only root, no capabilities, no new privileges, the image's own user.
 */
export function openEngine(dir: string) {
  // vfs would copy every layer.
  const storage = [
    '--root',
    join(dir, 'storage'),
    '--runroot',
    join(dir, 'run'),
    '--storage-driver',
    'overlay',
  ]
  const podman = [...storage, '--cgroup-manager=cgroupfs']
  let containers = 0

  return {
    /** Runs buildah with these arguments; returns what it printed. */
    buildah: (...args: string[]) => succeed('buildah', [...storage, ...args]),
    /** Fetches an image from its registry; rejects where there is no way to it. */
    pull: (image: string) =>
      succeed('timeout', [PULL_TIMEOUT_S, 'buildah', ...storage, 'pull', '--quiet', image]),
    /** Whether an image is in the storage. */
    has: (image: string) =>
      succeed('buildah', [...storage, 'images', '--quiet', image]).then(
        (ids) => ids !== '',
        () => false,
      ),
    /** Bytes of an image, uncompressed. */
    async size(image: string): Promise<number> {
      return Number(await succeed('podman', [...podman, 'image', 'inspect', '--format={{.Size}}', image]))
    },
    /** Runs a container to its end; returns what it printed. Rejects when it fails. */
    run: (image: string, options: ContainerOptions) =>
      succeed('podman', [...podman, ...runArguments(image, options)]),
    /** Starts a container. */
    start(image: string, options: ContainerOptions): Container {
      containers += 1
      return follow(spawn('podman', [...podman, ...runArguments(image, options)], { stdio: 'pipe' }))
    },
    /** Removes what still runs. */
    async close(): Promise<void> {
      if (containers > 0) await succeed('podman', [...podman, 'rm', '--all', '--force', '--time=0'])
    },
  }
}

function runArguments(image: string, { env, command = [] }: ContainerOptions): string[] {
  return [
    ...['run', '--rm', '--pull=never', '--network=host', '--cgroups=disabled', '--no-healthcheck'],
    // More than these needs a capability of its own.
    ...['--ulimit=nofile=20000:20000', '--ulimit=nproc=1000:1000'],
    ...['--read-only', '--tmpfs=/tmp', '--cap-drop=ALL', '--security-opt=no-new-privileges'],
    ...Object.entries(env).flatMap(([name, value]) => ['--env', `${name}=${value}`]),
    image,
    ...command,
  ]
}

function follow(child: ChildProcess): Container {
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk) => (output += chunk))
  const exited = once(child, 'close').then(([code]) => code as number | null)
  return {
    output: () => output,
    exited,
    async stop() {
      const startedAt = performance.now()
      // podman passes it on to the container's first process.
      child.kill('SIGTERM')
      return { code: await exited, ms: Math.round(performance.now() - startedAt) }
    },
    kill: () => void child.kill('SIGKILL'),
  }
}

/** Runs a program; returns its output without the last line break. Rejects with what it printed when it fails. */
export async function succeed(program: string, args: string[]): Promise<string> {
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'] })
  const [stdout, stderr, [code]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'close'),
  ])
  if (code === 0) return stdout.trimEnd()
  throw new Error(
    `${program} ${args.join(' ')} exited with ${code}:\n${stdout.slice(-4000)}${stderr.slice(-4000)}`,
  )
}
