import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'

/**
 * Identifies the code of the media engine: 12 hex digits that change with any of its files but the tests. Two versions that give
 * the same plans chunks of other bits, or plans of another shape, never share it; a deployment that leaves the engine alone does not
 * change it.
 */
export async function codeVersion(dir: string = import.meta.dirname): Promise<string> {
  const files = await readdir(dir, { recursive: true })
  // In the images the code is compiled.
  const code = files.filter((file) => /\.[jt]s$/.test(file) && !/\.test\.[jt]s$/.test(file)).sort()
  if (code.length === 0) throw new Error(`There is no code in ${dir}, so its version is unknown.`)
  const hash = createHash('sha256')
  for (const file of code) hash.update(`${file}\0`).update(await readFile(join(dir, file)))
  return hash.digest('hex').slice(0, 12)
}
