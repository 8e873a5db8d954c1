import { readFile, writeFile } from 'node:fs/promises'
import { afterAll, beforeAll } from '@jest/globals'
import { type Clips, ffmpeg } from '#test/clips.ts'
import { type MediaWorkspace, openMediaWorkspace } from './media-workspace.ts'

/** Bounds small enough to meet in a test. */
const LIMITS = { pixels: 1920 * 1088, seconds: 700, streams: 64 }

/** Puts a file at a path. */
export type WriteFile = (path: string) => Promise<void>

export const PICTURE = 'testsrc2=size=96x64:rate=24:duration=2'
export const TONE = 'sine=sample_rate=48000:duration=2'
export const SMALL = {
  frame: { width: 64, height: 36, upscale: true },
  output: { quality: 'draft' },
} as const

/** A media engine with tight limits, for as long as the suite that calls this; and makers of hostile files. */
export function useHostileWorkspace() {
  let room: MediaWorkspace
  beforeAll(async () => {
    room = await openMediaWorkspace(LIMITS)
  })
  afterAll(() => room.clips.remove())

  return {
    clip: (...shape: Parameters<Clips['clip']>) => room.clips.clip(...shape),
    fresh: (ending: string) => room.clips.fresh(ending),
    make: (...job: Parameters<MediaWorkspace['render']>) => room.render(...job),
    /** A small video of all that a file holds. */
    reel: (path: string) => room.render(SMALL, [path]),
    /** A path of its own for what the maker puts there. */
    async hostile(ending: string, put: WriteFile): Promise<string> {
      const path = room.clips.fresh(ending)
      await put(path)
      return path
    },
    /** A clip's bytes, changed. */
    changed:
      (change: (bytes: Buffer) => Buffer): WriteFile =>
      async (path) =>
        writeFile(path, change(await readFile(await room.clips.clip()))),
  }
}

/** Bytes as they are. */
export const content =
  (content: string | Buffer): WriteFile =>
  (path) =>
    writeFile(path, content)

/** What ffmpeg makes of these options. */
export const generated =
  (...args: string[]): WriteFile =>
  (path) =>
    ffmpeg([...args, path])

/** Options that open generated sources. */
export const lavfi = (...sources: string[]): string[] =>
  sources.flatMap((source) => ['-f', 'lavfi', '-i', source])

/** Overwrites what lies at an offset from every occurrence of a mark. */
export function overwriteAll(bytes: Buffer, mark: string, at: number, value: Buffer): Buffer {
  for (let i = bytes.indexOf(mark); i >= 0; i = bytes.indexOf(mark, i + 1)) value.copy(bytes, i + at)
  return bytes
}

/** Four bytes, the highest first. */
export function u32(value: number): Buffer {
  const four = Buffer.alloc(4)
  four.writeUInt32BE(value)
  return four
}
