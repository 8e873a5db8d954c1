import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { fileInput, type MediaInput } from './media-input.ts'
import { readBytes } from './read-bytes.ts'

const BYTES = Buffer.from('bytes of a file')

let dir: string
let server: Server
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'read-bytes-'))
  server = createServer((request, response) => {
    response.writeHead(200, { 'content-length': BYTES.length })
    if (request.url === '/whole') return response.end(BYTES)
    response.write(BYTES.subarray(0, 5), () => response.destroy())
    return undefined
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
})
afterAll(async () => {
  server.close()
  await rm(dir, { recursive: true })
})

const served = (path: string, more: Partial<MediaInput> = {}): MediaInput => ({
  url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/${path}`,
  inputOptions: [],
  ...more,
})

async function allOf(input: MediaInput, signal = new AbortController().signal): Promise<Buffer> {
  const chunks: Uint8Array[] = []
  for await (const chunk of readBytes(input, signal)) chunks.push(chunk)
  return Buffer.concat(chunks)
}

test('a local file and one that is served are read whole', async () => {
  const path = join(dir, 'a b.aac')
  await writeFile(path, BYTES)
  expect(await allOf(fileInput(path))).toEqual(BYTES)
  expect(await allOf(served('whole'))).toEqual(BYTES)
})

test('the reason why bytes did not arrive is thrown', async () => {
  const readError = () => new Error('the host is gone')
  await expect(allOf(served('broken', { readError }))).rejects.toThrow('the host is gone')
  await expect(allOf(served('broken'))).rejects.toThrow()
})

test('the reason of an abort is thrown', async () => {
  await expect(allOf(served('whole'), AbortSignal.abort(new Error('aborted')))).rejects.toThrow('aborted')
})
