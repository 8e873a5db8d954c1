import { mkdir, mkdtemp, readdir, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from '@jest/globals'
import type { Upload } from '../../api.ts'
import { recallUpload } from './interrupted-uploads.ts'

const UPLOAD: Upload = {
  upload_id: '5d3c7d6e-1f0e-4f0e-9c39-3a1b1c6f2a11',
  method: 'PUT',
  url: 'https://storage.example/session?signature=s3cret',
  headers: { 'content-type': 'video/mp4' },
  max_bytes: 1000,
  expires_at: '2100-01-01T00:00:00.000Z',
}

/** When the file was changed. */
const CHANGED = new Date('2026-11-27T09:30:00Z')

let folder: string
let path: string
let directory: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cutroom-interrupted-'))
  path = join(folder, 'talk.mp4')
  directory = join(folder, 'cutroom/uploads')
  await writeFile(path, 'x'.repeat(200_000))
  await utimes(path, CHANGED, CHANGED)
})
afterEach(() => rm(folder, { recursive: true, force: true }))

function recall({ file = {}, owner = {} }: { file?: object; owner?: object } = {}) {
  return recallUpload(
    { path, filename: 'talk.mp4', contentType: 'video/mp4', ...file },
    { directory, baseUrl: 'https://cutroom.example', apiKey: 'ck_one', ...owner },
  )
}

/** As a process that ends while it sends the file. */
function interrupt(upload: Partial<Upload> = {}): void {
  const { remember, release } = recall()
  remember({ ...UPLOAD, ...upload })
  release()
}

/** What a later process would continue. */
function resumed(options: Parameters<typeof recall>[0] = {}): Upload | undefined {
  const { resume, release } = recall(options)
  release()
  return resume
}

test('an upload that was interrupted is continued with the same file, wherever it is now, until it is forgotten', async () => {
  expect(resumed()).toBeUndefined()
  interrupt()
  expect(resumed()).toEqual(UPLOAD)
  const moved = join(folder, 'moved')
  await rename(path, moved)
  expect(resumed({ file: { path: moved } })).toEqual(UPLOAD)
  const { resume, remember, forget, release } = recall({ file: { path: moved } })
  remember(resume as Upload)
  forget()
  release()
  expect(await readdir(directory)).toEqual([])
})

test('another file, name, service or key continues nothing', async () => {
  interrupt()
  expect(resumed({ file: { filename: 'other.mp4' } })).toBeUndefined()
  expect(resumed({ owner: { baseUrl: 'https://other.example' } })).toBeUndefined()
  expect(resumed({ owner: { apiKey: 'ck_two' } })).toBeUndefined()
  await writeFile(path, 'y'.repeat(200_000))
  await utimes(path, CHANGED, CHANGED)
  expect(resumed()).toBeUndefined()
  await writeFile(path, 'x'.repeat(200_000))
  await utimes(path, CHANGED, CHANGED)
  expect(resumed()).toEqual(UPLOAD)
  await utimes(path, CHANGED, new Date(0))
  expect(resumed()).toBeUndefined()
})

test('only the owner can read what is kept, and nothing in it is a secret without the key', async () => {
  interrupt()
  const [name = ''] = await readdir(directory)
  expect((await stat(directory)).mode & 0o777).toBe(0o700)
  expect((await stat(join(directory, name))).mode & 0o777).toBe(0o600)
  expect(await readFile(join(directory, name), 'latin1')).not.toMatch(/s3cret|storage\.example|talk/)
})

test('an upload is not continued while it is being sent, by this process or another one', async () => {
  const { remember, release } = recall()
  remember(UPLOAD)
  expect(resumed()).toBeUndefined()
  release()
  const [name = ''] = await readdir(directory)
  await rename(join(directory, name), join(directory, name.replace(/\d+$/, String(process.ppid))))
  expect(resumed()).toBeUndefined()
})

test('what has expired, of any file, is removed', async () => {
  interrupt({ expires_at: '2020-01-01T00:00:00.000Z' })
  expect(await readdir(directory)).toHaveLength(1)
  expect(resumed({ file: { filename: 'other.mp4' } })).toBeUndefined()
  expect(await readdir(directory)).toEqual([])
})

test('where nothing can be kept, or it is damaged, uploads begin anew', async () => {
  await mkdir(directory, { recursive: true })
  interrupt()
  const [name = ''] = await readdir(directory)
  await writeFile(join(directory, name), 'damaged')
  expect(resumed()).toBeUndefined()
  const inFile = { owner: { directory: join(path, 'uploads') } }
  const { resume, remember, forget, isRemembered, release } = recall(inFile)
  remember(UPLOAD)
  expect(isRemembered()).toBe(false)
  forget()
  release()
  expect(resume).toBeUndefined()
  expect(resumed({ file: { path: folder } })).toBeUndefined()
})
