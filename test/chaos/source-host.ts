import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { answerWith, startTestHost } from '#batch/sources/testing/source-host.ts'
import { sendGated } from '../gated-response.ts'

/** Test clips on a loopback host; the path of a URL selects how the host behaves. */
export type SourceHost = {
  hostPort: string
  /** Path of a half-second WAV file, for uploads. */
  tinyFile: string
  /** The half-second file, served without delay. */
  tiny: string
  /** Six seconds of audio, served without delay. */
  long: string
  /** The half-second file, served after a delay in milliseconds. */
  slow(ms: number): string
  /** Half a minute of audio whose last quarter is sent only once the gate of that name has been opened. */
  gated(name: string): string
  open(gate: string): void
  /** Always 503. */
  broken: string
  /** Serves a file under a name of its own, in place of the one that it served before; returns its URL. */
  serve(name: string, file: Buffer): string
  /** `true`: answers 503 for the file of that name until called with `false`. */
  withhold(name: string, on: boolean): void
  close(): Promise<void>
}

/** Generates the clips in `dir` and serves them. */
export async function startSourceHost(dir: string): Promise<SourceHost> {
  const tinyFile = join(dir, 'tiny.wav')
  const longFile = join(dir, 'long.wav')
  const gatedFile = join(dir, 'gated.wav')
  // Uncompressed audio takes hardly any CPU to read; one second is 192 kB.
  await Promise.all([generateTone(tinyFile, 0.5), generateTone(longFile, 6), generateTone(gatedFile, 30)])
  const [tiny, long, gated] = await Promise.all([readFile(tinyFile), readFile(longFile), readFile(gatedFile)])
  const gates = new Map<string, PromiseWithResolvers<void>>()
  const served = new Map<string, Buffer>()
  const withheld = new Set<string>()

  function gate(name: string) {
    const known = gates.get(name) ?? Promise.withResolvers<void>()
    gates.set(name, known)
    return known
  }

  const host = await startTestHost(async (request, response) => {
    const [, kind, value = ''] = (request.url ?? '').split('/')
    const file = kind === 'served' ? served.get(value) : undefined
    if (file && !withheld.has(value)) return answerWith(file, request, response, { etag: etagOf(file) })
    if (kind === 'broken' || kind === 'served') return void response.writeHead(503).end()
    if (kind === 'slow') await sleep(Number(value))
    if (kind === 'gated') {
      return await sendGated(
        gated,
        // ffprobe 7 reads 0.9 MB before it describes a WAV file, and the reader fetches whole blocks.
        { gate: Math.floor(gated.length * 0.75), opened: gate(value).promise, contentType: 'audio/wav' },
        request,
        response,
      )
    }
    answerWith(kind === 'long' ? long : tiny, request, response, { 'content-type': 'audio/wav' })
  })

  return {
    hostPort: host.hostPort,
    tinyFile,
    tiny: `${host.origin}/tiny/audio.wav`,
    long: `${host.origin}/long/audio.wav`,
    slow: (ms) => `${host.origin}/slow/${ms}/audio.wav`,
    gated: (name) => `${host.origin}/gated/${name}/audio.wav`,
    open: (name) => gate(name).resolve(),
    broken: `${host.origin}/broken/audio.wav`,
    serve(name, file) {
      served.set(name, file)
      return `${host.origin}/served/${name}/film.mp4`
    },
    withhold(name, on) {
      on ? withheld.add(name) : withheld.delete(name)
    },
    async close() {
      for (const { resolve } of gates.values()) resolve()
      await host.close()
    },
  }
}

const etagOf = (file: Buffer) => `"${createHash('sha256').update(file).digest('hex')}"`

async function generateTone(path: string, seconds: number): Promise<void> {
  const tone = `sine=frequency=440:sample_rate=48000:duration=${seconds}`
  const args = ['-nostdin', '-v', 'error', '-y', '-f', 'lavfi', '-i', tone, '-ac', '2', path]
  await promisify(execFile)(process.env.FFMPEG_PATH || 'ffmpeg', args)
}
