import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { credentialsPath, readCredentials, removeCredentials, writeCredentials } from './credentials.ts'

const CREDENTIALS = { url: 'https://cutroom.example.org', apiKey: 'ck_test' }

let dir: string
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'cutroom-credentials-'))
})
afterEach(() => rm(dir, { recursive: true, force: true }))

test('credentials can be read by their owner only, also when the file was open to others before', async () => {
  const path = credentialsPath({ XDG_CONFIG_HOME: dir })
  await writeCredentials(path, { ...CREDENTIALS, apiKey: 'ck_old' })
  await writeCredentials(path, CREDENTIALS)
  expect((await stat(path)).mode & 0o777).toBe(0o600)
  expect(await readCredentials(path)).toEqual(CREDENTIALS)
  await removeCredentials(path)
  expect(await readCredentials(path)).toBeUndefined()
})

test('a file that holds something else is no credentials', async () => {
  const path = join(dir, 'file')
  for (const content of ['{', '[]', '{"url":1}', 'null']) {
    await writeFile(path, content)
    expect(await readCredentials(path)).toBeUndefined()
  }
})
