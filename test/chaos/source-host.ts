import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { answerWith, startTestHost } from '#batch/sources/testing/source-host.ts'
import { sendGated } from './gated-response.ts'

/** Clips that tasks work on, on a loopback host whose addresses say how it behaves. */
export type SourceHost = {
  hostPort: string
  /** A file of half a second, for uploads. */
  tinyFile: string
  /** Answers at once. */
  tiny: string
  /** Six seconds of sound, at once. */
  long: string
  /** Answers after so many milliseconds. */
  slow(ms: number): string
  /** Six seconds of sound, whose second half comes only once the gate of that name is open. */
  gated(name: string): string
  open(gate: string): void
  /** Never answers anything but 503. */
  broken: string
  close(): Promise<void>
}

/** Makes the clips in `dir` and serves them. */
export async function startSourceHost(dir: string): Promise<SourceHost> {
  const tinyFile = join(dir, 'tiny.wav')
  const longFile = join(dir, 'long.wav')
  // Sound alone, and uncompressed: hardly any work to read, and a second of it fills 192 kB.
  await Promise.all([makeSound(tinyFile, 0.5), makeSound(longFile, 6)])
  const [tiny, long] = await Promise.all([readFile(tinyFile), readFile(longFile)])
  const gates = new Map<string, PromiseWithResolvers<void>>()

  function gate(name: string) {
    const known = gates.get(name) ?? Promise.withResolvers<void>()
    gates.set(name, known)
    return known
  }

  const host = await startTestHost(async (request, response) => {
    const [, kind, value = ''] = (request.url ?? '').split('/')
    if (kind === 'broken') return void response.writeHead(503).end()
    if (kind === 'slow') await sleep(Number(value))
    if (kind === 'gated') {
      return await sendGated(
        long,
        { gate: Math.floor(long.length / 2), opened: gate(value).promise },
        request,
        response,
      )
    }
    answerWith(kind === 'long' ? long : tiny, request, response, { 'content-type': 'audio/wav' })
  })

  return {
    hostPort: host.hostPort,
    tinyFile,
    tiny: `${host.origin}/tiny/sound.wav`,
    long: `${host.origin}/long/sound.wav`,
    slow: (ms) => `${host.origin}/slow/${ms}/sound.wav`,
    gated: (name) => `${host.origin}/gated/${name}/sound.wav`,
    open: (name) => gate(name).resolve(),
    broken: `${host.origin}/broken/sound.wav`,
    async close() {
      for (const { resolve } of gates.values()) resolve()
      await host.close()
    },
  }
}

async function makeSound(path: string, seconds: number): Promise<void> {
  const tone = `sine=frequency=440:sample_rate=48000:duration=${seconds}`
  const args = ['-nostdin', '-v', 'error', '-y', '-f', 'lavfi', '-i', tone, '-ac', '2', path]
  await promisify(execFile)(process.env.FFMPEG_PATH || 'ffmpeg', args)
}
