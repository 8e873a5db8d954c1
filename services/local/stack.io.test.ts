import { chmod, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { lockDataDir } from './data-dir.ts'
import { freePort } from './ports.ts'
import { checkMachine } from './preflight.ts'
import { loadSecrets } from './secrets.ts'
import { readyMessage, serviceEnvironment } from './stack.ts'

let dir: string
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'stack-'))
})
afterEach(() => rm(dir, { recursive: true }))

describe('secrets', () => {
  test('are generated once, kept, and readable only by their owner', async () => {
    const generated = await loadSecrets(dir)
    expect(generated.JWT_SECRET).not.toBe(generated.PUSH_SECRET)
    expect(generated.JWT_SECRET.length).toBeGreaterThanOrEqual(32)
    expect(await loadSecrets(dir)).toEqual(generated)
    expect((await stat(join(dir, 'secrets.json'))).mode & 0o777).toBe(0o600)
  })

  test('of version 0.2 are kept, and the keys that it did not have are added once', async () => {
    const { SECRETS_KEY: _, LINKS_SECRET: __, ...earlier } = await loadSecrets(dir)
    await writeFile(join(dir, 'secrets.json'), JSON.stringify(earlier))
    const completed = await loadSecrets(dir)
    expect(completed).toEqual({
      ...earlier,
      LINKS_SECRET: expect.any(String),
      SECRETS_KEY: expect.any(String),
    })
    expect(Buffer.from(completed.SECRETS_KEY, 'base64')).toHaveLength(32)
    expect(completed.LINKS_SECRET.length).toBeGreaterThanOrEqual(32)
    expect(await loadSecrets(dir)).toEqual(completed)
  })

  test('of a version that lacked one of them keep the other', async () => {
    const { LINKS_SECRET: _, ...earlier } = await loadSecrets(dir)
    await writeFile(join(dir, 'secrets.json'), JSON.stringify(earlier))
    expect(await loadSecrets(dir)).toMatchObject(earlier)
  })

  test('that are invalid name the file to remove', async () => {
    await writeFile(join(dir, 'secrets.json'), '{"JWT_SECRET":"short"')
    await expect(loadSecrets(dir)).rejects.toThrow(/secrets\.json does not contain valid secrets; remove it/)
  })
})

describe('the data directory', () => {
  test('is created, and can be locked again after it was unlocked', async () => {
    const release = await lockDataDir(join(dir, 'a/b'))
    await release()
    await (await lockDataDir(join(dir, 'a/b')))()
  })

  test.each(['', '999999999', '1', 'not a number', String(process.pid)])(
    'is free when its lock contains %j, which is no running stack',
    async (holder) => {
      await writeFile(join(dir, 'lock'), holder)
      const release = await lockDataDir(dir)
      expect(await readFile(join(dir, 'lock'), 'utf8')).toBe(`${process.pid}\n`)
      await release()
    },
  )

  test('that cannot be created is reported in one line', async () => {
    await writeFile(join(dir, 'file'), '')
    await chmod(join(dir, 'file'), 0o600)
    await expect(lockDataDir(join(dir, 'file'))).rejects.toThrow(/^.*file is not writable .*set DATA_DIR.*$/)
  })
})

describe('the preflight check', () => {
  const programs = { FFMPEG_PATH: process.execPath }
  let taken: Server | undefined
  afterEach(() => void taken?.close())

  test('passes when ports are free and programs run', async () => {
    await checkMachine({ host: '127.0.0.1', ports: { PORT: await freePort() }, programs: {} })
  })

  test('names the setting of a port that is taken', async () => {
    const port = await freePort()
    taken = createServer()
    await new Promise<void>((resolve) => taken?.listen(port, '127.0.0.1', resolve))
    await expect(checkMachine({ host: '127.0.0.1', ports: { BATCH_PORT: port }, programs })).rejects.toThrow(
      `Port ${port} on 127.0.0.1 is not available; set BATCH_PORT to another port.`,
    )
  })

  test('rejects the same port for both services', async () => {
    await expect(
      checkMachine({ host: '127.0.0.1', ports: { PORT: 1, BATCH_PORT: 1 }, programs }),
    ).rejects.toThrow('PORT and BATCH_PORT must differ; both are 1.')
  })

  test('names the setting of a program that does not run', async () => {
    const needs = { host: '127.0.0.1', ports: {}, programs: { FFPROBE_PATH: join(dir, 'none') } }
    await expect(checkMachine(needs)).rejects.toThrow(/could not be run; install ffmpeg or set FFPROBE_PATH/)
  })

  test('rejects an ffmpeg that is too old', async () => {
    const old = join(dir, 'ffmpeg')
    await writeFile(old, '#!/bin/sh\necho ffmpeg version 4.4.2 Copyright\n', { mode: 0o755 })
    const needs = { host: '127.0.0.1', ports: {}, programs: { FFMPEG_PATH: old } }
    await expect(checkMachine(needs)).rejects.toThrow(
      /ffmpeg is version 4.4.2, and Cutroom needs 5.1 or later/,
    )
  })
})

describe("the services' environment", () => {
  const chosen = {
    DATA_DIR: '/data',
    JWT_SECRET: 'generated',
    LINKS_SECRET: 'generated',
    PUSH_SECRET: 'generated',
    SECRETS_KEY: 'generated',
    DATABASE_URL: 'embedded',
  }

  test('notices a dead worker quickly unless set otherwise', () => {
    expect(serviceEnvironment({ LEASE_SECONDS: '60' }, chosen)).toMatchObject({
      SWEEP_SECONDS: '2',
      LEASE_SECONDS: '60',
    })
  })

  test('keeps what the caller has set, and treats empty settings as not set', () => {
    expect(
      serviceEnvironment({ JWT_SECRET: 'own', PUSH_SECRET: '', DATA_DIR: 'relative' }, chosen),
    ).toMatchObject({
      JWT_SECRET: 'own',
      PUSH_SECRET: 'generated',
      DATA_DIR: '/data',
    })
  })
})

test('the ready message contains a call that can be pasted', () => {
  const call = readyMessage('http://localhost:8080').match(/-d '(.+)'/)?.[1] ?? ''
  expect(JSON.parse(call)).toMatchObject({ email: 'ada@example.org', password_2: 'correct horse battery' })
})
