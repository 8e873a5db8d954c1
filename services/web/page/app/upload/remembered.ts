import type { Upload } from '#client/core.ts'

/** Uploads that have begun, so that the same file goes on where it stopped after a reload. */

const STORAGE_KEY = 'cutroom.uploads'
const MAX_KEPT = 50

type Remembered = Upload & { key: string; complete?: boolean }

/** The same for the same file: browsers give no path. */
const keyOf = ({ name, size, lastModified }: File) => `${name}|${size}|${lastModified}`

/** The upload that a file was being sent to, while its URL is valid. */
export function recall(file: File): Remembered | undefined {
  return all().find(({ key, expires_at }) => key === keyOf(file) && new Date(expires_at) > new Date())
}

export function remember(file: File, upload: Upload): void {
  const others = all().filter(({ key }) => key !== keyOf(file))
  save([{ ...upload, key: keyOf(file) }, ...others].slice(0, MAX_KEPT))
}

export const markComplete = (file: File): void =>
  save(all().map((one) => (one.key === keyOf(file) ? { ...one, complete: true } : one)))

/** Whether uploads were interrupted that would go on if their files were added again. */
export const hasInterrupted = (): boolean =>
  all().some(({ complete, expires_at }) => !complete && new Date(expires_at) > new Date())

export const forgetUpload = (file: File): void => save(all().filter(({ key }) => key !== keyOf(file)))

/** For another account: its uploads are not ours. */
export const forgetUploads = (): void => localStorage.removeItem(STORAGE_KEY)

function all(): Remembered[] {
  try {
    const kept = JSON.parse(localStorage.getItem(STORAGE_KEY) ?? '[]')
    return Array.isArray(kept) ? kept : []
  } catch {
    return []
  }
}

const save = (kept: Remembered[]) => localStorage.setItem(STORAGE_KEY, JSON.stringify(kept))
