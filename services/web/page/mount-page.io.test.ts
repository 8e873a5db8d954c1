import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import express from 'express'
import supertest from 'supertest'
import type { Config } from '#shared/config.ts'
import { mountPage } from './mount-page.ts'

const HTML = { Accept: 'text/html,*/*;q=0.8' }
let dir: string
let agent: ReturnType<typeof supertest>
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'cutroom-page-'))
  await mkdir(join(dir, 'assets'))
  await writeFile(join(dir, 'index.html'), '<title>Cutroom</title>')
  await writeFile(join(dir, 'secret.txt'), 'not served')
  await writeFile(join(dir, 'assets/index-A1b2.js'), 'plain()')
  await writeFile(join(dir, 'assets/index-A1b2.js.gz'), gzipSync('compressed()'))
  const app = express()
  mountPage(app, { storage: { kind: 'disk' } } as Config, dir)
  agent = supertest(app)
})
afterAll(() => rm(dir, { recursive: true }))

describe('the page', () => {
  test('has a strict policy, and is asked for each time', async () => {
    const reply = await agent.get('/').set(HTML).expect(200)
    expect(reply.text).toContain('Cutroom')
    expect(reply.headers['cache-control']).toBe('no-cache')
    expect(reply.headers['content-security-policy']).toContain("default-src 'none'")
    expect(reply.headers.vary).toContain('Accept')
  })

  test.each(['*/*', 'application/json'])('is nothing for a client that accepts %s', async (accept) => {
    await agent.get('/').set('Accept', accept).expect(404)
  })
})

describe('its files', () => {
  test('are kept for good, compressed where the client takes that', async () => {
    const gzip = await agent.get('/assets/index-A1b2.js').set('Accept-Encoding', 'gzip').expect(200)
    expect(gzip.text).toBe('compressed()')
    expect(gzip.headers).toMatchObject({
      'content-encoding': 'gzip',
      'content-type': expect.stringContaining('javascript'),
      'cache-control': 'public, max-age=31536000, immutable',
    })
    const plain = await agent.get('/assets/index-A1b2.js').set('Accept-Encoding', 'identity').expect(200)
    expect(plain.headers['content-encoding']).toBeUndefined()
    expect(plain.text).toBe('plain()')
    // No Brotli copy: the next best is sent.
    const both = await agent.get('/assets/index-A1b2.js').set('Accept-Encoding', 'br, gzip').expect(200)
    expect(both.headers['content-encoding']).toBe('gzip')
  })

  test.each(['/assets/none.js', '/assets/..%2fsecret.txt', '/assets/', '/secret.txt', '/index.html'])(
    '%s is not found',
    async (path) => {
      await agent.get(path).expect(404)
    },
  )
})
