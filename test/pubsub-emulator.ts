import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, realpathSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import type { Readable } from 'node:stream'

const READY = 'Server started, listening on'
const READY_TIMEOUT_MS = 45_000

export type PubSubEmulator = Awaited<ReturnType<typeof startPubSubEmulator>>

/** Why the official emulator cannot run on this machine; undefined when it can. */
export function missingForEmulator(): string | undefined {
  const gcloud = findOnPath('gcloud')
  if (!gcloud) return 'gcloud is not installed'
  const component = join(dirname(realpathSync(gcloud)), '../platform/pubsub-emulator')
  if (!existsSync(component)) return 'the gcloud component pubsub-emulator is not installed'
  if (!findOnPath('java')) return 'java is not installed'
  return undefined
}

/** Starts the official Pub/Sub emulator on a free loopback port; resolves when it accepts calls, after some seconds. */
export async function startPubSubEmulator() {
  const host = `127.0.0.1:${await freePort()}`
  const dir = await mkdtemp(join(tmpdir(), 'cutroom-pubsub-'))
  const args = ['beta', 'emulators', 'pubsub', 'start', `--host-port=${host}`, `--data-dir=${dir}`, '--quiet']
  // A process group of its own: gcloud starts a shell that starts Java, and all three have to be killed.
  const gcloud = spawn('gcloud', args, {
    detached: true,
    stdio: ['ignore', 'ignore', 'pipe'],
    env: { ...process.env, CLOUDSDK_CONFIG: join(dir, 'config') },
  })
  const ended = once(gcloud, 'exit')

  async function stop() {
    if (gcloud.pid !== undefined) killGroup(gcloud.pid)
    await ended
    await rm(dir, { recursive: true, force: true })
  }

  try {
    await untilReady(gcloud.stderr)
  } catch (error) {
    await stop()
    throw error
  }
  return { host, stop, subscribe: (names: PushSubscription) => subscribe(host, names) }
}

/** Kills every process of a group, also when its leader has exited. */
function killGroup(id: number) {
  try {
    process.kill(-id, 'SIGKILL')
  } catch (error) {
    const allGone = error instanceof Error && 'code' in error && error.code === 'ESRCH'
    if (!allGone) throw error
  }
}

export type PushSubscription = { project: string; topic: string; subscription: string; pushUrl: string }

/**
 * Creates a topic and a subscription that pushes to a URL, through the emulator's REST API, so that only the code under test
 * uses the client library.
 */
async function subscribe(host: string, { project, topic, subscription, pushUrl }: PushSubscription) {
  const base = `http://${host}/v1/projects/${project}`
  await put(`${base}/topics/${topic}`, {})
  await put(`${base}/subscriptions/${subscription}`, {
    topic: `projects/${project}/topics/${topic}`,
    pushConfig: { pushEndpoint: pushUrl },
    // A push that is still open after this is repeated; no test holds one this long.
    ackDeadlineSeconds: 60,
  })
}

async function put(url: string, body: object) {
  const headers = { 'content-type': 'application/json' }
  const reply = await fetch(url, { method: 'PUT', headers, body: JSON.stringify(body) })
  if (!reply.ok) throw new Error(`PUT ${url} returned ${reply.status}: ${await reply.text()}`)
}

/** Keeps reading after the line has arrived, because a full pipe would block the emulator. */
function untilReady(stderr: Readable): Promise<void> {
  return new Promise((resolve, reject) => {
    let output = ''
    const fail = (what: string) => reject(new Error(`The Pub/Sub emulator ${what}. Its output:\n${output}`))
    stderr.setEncoding('utf8')
    stderr.on('data', (text: string) => {
      output = (output + text).slice(-4000)
      if (output.includes(READY)) resolve()
    })
    stderr.on('close', () => fail('ended before it was ready'))
    setTimeout(() => fail('was not ready in time'), READY_TIMEOUT_MS).unref()
  })
}

function findOnPath(program: string): string | undefined {
  const folders = (process.env.PATH ?? '').split(delimiter)
  return folders.map((folder) => join(folder, program)).find((file) => existsSync(file))
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  if (address === null || typeof address === 'string') throw new Error('No free port was found.')
  return address.port
}
