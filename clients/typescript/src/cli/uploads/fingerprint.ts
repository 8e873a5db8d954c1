import { createHash } from 'node:crypto'
import { closeSync, openSync, readSync, statSync } from 'node:fs'

const SAMPLE_BYTES = 64 * 1024

/**
 * Tells whether a file is still the same, without reading all of it: its size, when it was changed, and a hash of its beginning, middle
 * and end. Undefined for what is no file, such as a pipe, or cannot be read.
 */
export function fingerprintOf(path: string): string | undefined {
  try {
    const found = statSync(path)
    return found.isFile() ? `${found.size} ${found.mtimeMs} ${hashSamples(path, found.size)}` : undefined
  } catch {
    return undefined
  }
}

function hashSamples(path: string, size: number): string {
  const hash = createHash('sha256')
  const file = openSync(path, 'r')
  try {
    for (const from of [0, Math.floor((size - SAMPLE_BYTES) / 2), size - SAMPLE_BYTES]) {
      const sample = Buffer.alloc(SAMPLE_BYTES)
      hash.update(sample.subarray(0, readSync(file, sample, 0, SAMPLE_BYTES, Math.max(from, 0))))
    }
  } finally {
    closeSync(file)
  }
  return hash.digest('hex')
}
