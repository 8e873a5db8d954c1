import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { openAccount } from '#test/e2e/client.ts'
import { openScratch } from './clips.ts'
import { type BenchOptions, fixed, type Report } from './harness.ts'
import { openServiceEnvironment, serve } from './services.ts'

const GB = 1024 ** 3
const LIMIT_MB = 150

/** Peak memory of web while a gigabyte passes through it: by PUT to an upload URL, and as a multipart form. */
export async function upload(_: BenchOptions): Promise<Report> {
  if (!existsSync('/proc/self/status'))
    throw new Error('This benchmark reads the peak memory from /proc and needs Linux.')
  const rows: string[][] = []
  const targets: Report['targets'] = []
  for (const [what, send] of Object.entries({ 'PUT to the upload URL': put, 'multipart form': form })) {
    // One process for each: the peak covers its whole lifetime.
    await using scratch = await openScratch()
    await using environment = await openServiceEnvironment(join(scratch.dir, 'data'))
    await using started = new AsyncDisposableStack()
    const web = await serve('services/web/main.ts', environment.env)
    started.defer(() => web.stop())
    const { token } = await openAccount(web.url)
    const before = await peakMB(web.pid)
    const began = performance.now()
    await send(web.url, token)
    const seconds = (performance.now() - began) / 1000
    const peak = await peakMB(web.pid)
    rows.push([what, fixed(before), fixed(peak), fixed(seconds), fixed(GB / 1024 ** 2 / seconds)])
    targets.push({ what: `${what}: peak MB`, measured: peak, bound: 'at most', limit: LIMIT_MB })
  }
  return {
    title: 'Upload',
    notes: ['Peak resident memory (VmHWM) of web before and after 1 GiB passed through it to the disk.'],
    tables: [{ head: ['', 'MB before', 'MB peak', 's', 'MB/s'], rows }],
    targets,
  }
}

async function put(url: string, token: string): Promise<void> {
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' }
  const created = await fetch(`${url}/uploads`, { method: 'POST', headers, body: '{}' })
  const { url: link, headers: own } = (await created.json()) as {
    url: string
    headers: Record<string, string>
  }
  await send(link, 'PUT', { ...own, 'content-length': String(GB) }, aGigabyte(), 201)
}

async function form(url: string, token: string): Promise<void> {
  const [opening, closing] = [
    '--edge\r\nContent-Disposition: form-data; name="file"; filename="film.mp4"\r\n' +
      'Content-Type: video/mp4\r\n\r\n',
    '\r\n--edge--\r\n',
  ]
  const headers = {
    authorization: `Bearer ${token}`,
    'content-type': 'multipart/form-data; boundary=edge',
    'content-length': String(opening.length + GB + closing.length),
  }
  await send(`${url}/tasks`, 'POST', headers, aGigabyte(opening, closing), 202)
}

async function send(
  url: string,
  method: string,
  headers: Record<string, string>,
  bytes: Iterable<Buffer>,
  status: number,
): Promise<void> {
  const body = Readable.toWeb(Readable.from(bytes, { objectMode: false }))
  const reply = await fetch(url, { method, headers, body, duplex: 'half' } as RequestInit)
  const text = await reply.text()
  if (reply.status !== status)
    throw new Error(`${method} ${url} returned ${reply.status}: ${text.slice(0, 300)}`)
}

/** A gigabyte in equal blocks of 64 KiB, optionally between an opening and a closing. */
function* aGigabyte(opening = '', closing = ''): Iterable<Buffer> {
  const block = Buffer.alloc(64 * 1024, 'cutroom ')
  if (opening) yield Buffer.from(opening)
  for (let sent = 0; sent < GB; sent += block.length) yield block
  if (closing) yield Buffer.from(closing)
}

async function peakMB(pid: number): Promise<number> {
  const [, kB] = /^VmHWM:\s+(\d+) kB/m.exec(await readFile(`/proc/${pid}/status`, 'utf8')) ?? []
  return Number(kB) / 1024
}
