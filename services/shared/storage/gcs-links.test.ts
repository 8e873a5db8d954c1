import { generateKeyPairSync } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { createGcsStorage } from './gcs.ts'

// Only a key file can sign without network access; in the cloud, IAM signs the same string.
let dir: string
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'cutroom-key-'))
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const key = {
    type: 'service_account',
    project_id: 'p',
    client_email: 'web@p.iam.gserviceaccount.com',
    private_key: privateKey.export({ type: 'pkcs8', format: 'pem' }),
  }
  await writeFile(join(dir, 'key.json'), JSON.stringify(key))
  process.env.GOOGLE_APPLICATION_CREDENTIALS = join(dir, 'key.json')
})
afterEach(async () => {
  delete process.env.GOOGLE_APPLICATION_CREDENTIALS
  await rm(dir, { recursive: true })
})

test('a download URL is signed, expires, and sets file name and type', async () => {
  const storage = createGcsStorage({ bucket: 'files', project: 'p', publicUrl: 'https://cutroom.example' })
  const options = { fileName: 'my reel.mp4', contentType: 'video/mp4', expiresInSeconds: 60 }
  const link = new URL((await storage.downloadUrl('tasks/1/reel.mp4', options)) ?? '')
  expect(link.origin + link.pathname).toBe('https://storage.googleapis.com/files/tasks/1/reel.mp4')
  expect(Object.fromEntries(link.searchParams)).toMatchObject({
    'X-Goog-Algorithm': 'GOOG4-RSA-SHA256',
    'X-Goog-Credential': expect.stringMatching(
      /^web@p\.iam\.gserviceaccount\.com\/\d{8}\/auto\/storage\/goog4_request$/,
    ),
    'X-Goog-Expires': expect.stringMatching(/^(59|60|61)$/),
    'X-Goog-SignedHeaders': 'host',
    'X-Goog-Signature': expect.stringMatching(/^[0-9a-f]{512}$/),
    'response-content-disposition': 'attachment; filename="my reel.mp4"',
    'response-content-type': 'video/mp4',
  })
})
