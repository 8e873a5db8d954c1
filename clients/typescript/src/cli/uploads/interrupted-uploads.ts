import { createHmac } from 'node:crypto'
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Upload } from '../../api.ts'
import { fingerprintOf } from './fingerprint.ts'
import { seal, sealingKey, unseal } from './seal.ts'

/** Where uploads are remembered, and whose they are: a service and an API key of it. */
export type UploadOwner = { directory: string; baseUrl: string; apiKey: string }

/** A file to upload, with the name and the media type that the upload has. */
export type NamedFile = { path: string; filename: string; contentType: string }

/** What is known about the upload of one file, for this process and later ones. */
export type RememberedUpload = {
  /** The upload to which a process that has ended was sending the same file. */
  resume: Upload | undefined
  /** Remembers the upload to which the file is being sent, until its URL expires. */
  remember(upload: Upload): void
  /** Forgets it: all bytes have arrived, or nothing can be sent to it. */
  forget(): void
  /** Whether a later process can continue it. */
  isRemembered(): boolean
  /** Leaves it to a later call. */
  release(): void
}

/** ID.EXPIRES.PID: what is being uploaded, until when in seconds since 1970, and the process that is sending it. */
const ENTRY = /^([0-9a-f]{40})\.(\d+)\.(\d+)$/

/** Uploads that this process is sending. */
const held = new Set<string>()

/**
 * Finds the upload of a file that was interrupted, so that it is continued in place of sending the file again. A file is the same if its
 * name, size, time and samples of its content are; whether the upload still exists, the service says. What is remembered can only be read
 * with the API key, since the URL of an upload is a credential. Where nothing can be written, nothing is remembered.
 */
export function recallUpload(file: NamedFile, owner: UploadOwner): RememberedUpload {
  const key = sealingKey(owner.apiKey)
  const fingerprint = fingerprintOf(file.path)
  if (fingerprint === undefined) return NOTHING
  const identity = JSON.stringify([owner.baseUrl, file.filename, file.contentType, fingerprint])
  const id = createHmac('sha256', key).update(identity).digest('hex').slice(0, 40)
  // The same file, twice in one command.
  if (held.has(id)) return NOTHING
  held.add(id)
  let entry = claim(id, owner.directory)
  const resume = entry === undefined ? undefined : readUpload(entry, key)

  function forget(): void {
    if (entry) rmSync(entry, { force: true })
    entry = undefined
  }
  function remember(upload: Upload): void {
    if (entry && upload === resume) return
    forget()
    const expires = Math.floor(Date.parse(upload.expires_at) / 1000)
    const path = join(owner.directory, `${id}.${expires}.${process.pid}`)
    entry = attempt(() => {
      mkdirSync(owner.directory, { recursive: true, mode: 0o700 })
      writeFileSync(path, seal(JSON.stringify(upload), key), { mode: 0o600 })
      return path
    })
  }
  return {
    resume,
    remember,
    forget,
    isRemembered: () => entry !== undefined,
    release: () => held.delete(id),
  }
}

const NOTHING: RememberedUpload = {
  resume: undefined,
  remember() {},
  forget() {},
  isRemembered: () => false,
  release() {},
}

/** Takes over what a process that has ended remembered about an upload; resolves to its path. Removes what has expired. */
function claim(id: string, directory: string): string | undefined {
  const names = attempt(() => readdirSync(directory)) ?? []
  let claimed: string | undefined
  for (const name of names) {
    const [, entryId, expires, pid] = ENTRY.exec(name) ?? []
    if (entryId === undefined) continue
    const path = join(directory, name)
    if (Number(expires) * 1000 < Date.now()) attempt(() => rmSync(path, { force: true }))
    else if (entryId === id && hasEnded(Number(pid))) {
      const own = join(directory, `${id}.${expires}.${process.pid}`)
      // Only one of two processes can rename it.
      claimed = attempt(() => {
        renameSync(path, own)
        return own
      })
    }
  }
  return claimed
}

/** Also true for this process, whose number an earlier one may have had: its own uploads are held. */
function hasEnded(pid: number): boolean {
  if (pid === process.pid) return true
  try {
    process.kill(pid, 0)
    return false
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ESRCH'
  }
}

function readUpload(path: string, key: Buffer): Upload | undefined {
  const text = attempt(() => unseal(readFileSync(path), key))
  return text === undefined ? undefined : JSON.parse(text)
}

/** The result; undefined where files cannot be read or written: then uploads work as they do without this. */
function attempt<Result>(action: () => Result): Result | undefined {
  try {
    return action()
  } catch {
    return undefined
  }
}
