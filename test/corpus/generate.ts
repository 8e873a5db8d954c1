import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { ffmpeg } from '#test/clips.ts'
import type { Input } from './types.ts'

/** Writes inputs to `dir`, each of them once. */
export function openGenerator(dir: string) {
  const generated = new Map<Input, Promise<string>>()
  let count = 0

  /** The path of an input's file. */
  function pathOf(input: Input): Promise<string> {
    const known = generated.get(input) ?? write(input, join(dir, `input-${++count}.${input.extension}`))
    generated.set(input, known)
    return known
  }

  async function write(input: Input, path: string): Promise<string> {
    if ('args' in input) {
      const args = input.args.map((arg) => (typeof arg === 'string' ? arg : pathOf(arg)))
      await ffmpeg([...(await Promise.all(args)), path])
    } else {
      const files = await Promise.all(input.from.map(async (each) => readFile(await pathOf(each))))
      await writeFile(path, input.edit(...files))
    }
    return path
  }

  return pathOf
}
