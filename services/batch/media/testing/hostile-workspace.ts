import { readFile, writeFile } from 'node:fs/promises'
import { afterAll, beforeAll } from '@jest/globals'
import { type Clips, ffmpeg } from '#test/clips.ts'
import { type MediaWorkspace, openMediaWorkspace } from './media-workspace.ts'

/** Low enough to be exceeded in a test. */
const LIMITS = { pixels: 1920 * 1088, seconds: 700, streams: 64 }

/** Writes a file to a path. */
export type FileWriter = (path: string) => Promise<void>

/** Generated sources for `lavfi`: two seconds of video, and of audio. */
export const VIDEO = 'testsrc2=size=96x64:rate=24:duration=2'
export const TONE = 'sine=sample_rate=48000:duration=2'

/** A fast recipe: 64x36 in draft quality. */
export const SMALL_RECIPE = {
  frame: { width: 64, height: 36, upscale: true },
  output: { quality: 'draft' },
} as const

/** A media engine with low limits for the suite that calls this, and ways to create hostile files. */
export function useHostileWorkspace() {
  let workspace: MediaWorkspace
  beforeAll(async () => {
    workspace = await openMediaWorkspace(LIMITS)
  })
  afterAll(() => workspace.clips.remove())

  return {
    clip: (...shape: Parameters<Clips['clip']>) => workspace.clips.clip(...shape),
    newPath: (extension: string) => workspace.clips.fresh(extension),
    render: (...args: Parameters<MediaWorkspace['render']>) => workspace.render(...args),
    /** Renders the whole file with SMALL_RECIPE. */
    renderSmall: (path: string) => workspace.render(SMALL_RECIPE, [path]),
    /** Creates a file and returns its path. */
    async createFile(extension: string, write: FileWriter): Promise<string> {
      const path = workspace.clips.fresh(extension)
      await write(path)
      return path
    },
    /** Writes a valid clip whose bytes were changed. */
    modifiedClip:
      (change: (bytes: Buffer) => Buffer): FileWriter =>
      async (path) =>
        writeFile(path, change(await readFile(await workspace.clips.clip()))),
  }
}

/** Writes bytes or text as they are. */
export const content =
  (bytes: string | Buffer): FileWriter =>
  (path) =>
    writeFile(path, bytes)

/** Writes what ffmpeg produces from these arguments. */
export const generated =
  (...args: string[]): FileWriter =>
  (path) =>
    ffmpeg([...args, path])

/** Arguments that open generated sources. */
export const lavfi = (...sources: string[]): string[] =>
  sources.flatMap((source) => ['-f', 'lavfi', '-i', source])

/** Overwrites the bytes at an offset from every occurrence of a tag. */
export function overwriteAll(bytes: Buffer, tag: string, offset: number, value: Buffer): Buffer {
  for (let i = bytes.indexOf(tag); i >= 0; i = bytes.indexOf(tag, i + 1)) value.copy(bytes, i + offset)
  return bytes
}

/** An unsigned 32-bit integer, big-endian. */
export function u32(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(value)
  return bytes
}
