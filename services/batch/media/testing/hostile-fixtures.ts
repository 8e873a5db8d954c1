import { readFile, writeFile } from 'node:fs/promises'
import { afterAll, beforeAll } from '@jest/globals'
import { type Clips, ffmpeg } from '#test/clips.ts'
import { type MediaRoom, openMediaRoom } from './media-fixtures.ts'

/** Bounds small enough to meet in a test. */
const LIMITS = { pixels: 1920 * 1088, seconds: 700, streams: 64 }

/** Puts a file at a path. */
export type Making = (path: string) => Promise<void>

export const PICTURE = 'testsrc2=size=96x64:rate=24:duration=2'
export const TONE = 'sine=sample_rate=48000:duration=2'
export const SMALL = {
  frame: { width: 64, height: 36, upscale: true },
  output: { quality: 'draft' },
} as const

/** A media engine with tight limits, for as long as the suite that calls this; and makers of hostile files. */
export function useHostileRoom() {
  let room: MediaRoom
  beforeAll(async () => {
    room = await openMediaRoom(LIMITS)
  })
  afterAll(() => room.clips.remove())

  return {
    clip: (...shape: Parameters<Clips['clip']>) => room.clips.clip(...shape),
    fresh: (ending: string) => room.clips.fresh(ending),
    make: (...job: Parameters<MediaRoom['make']>) => room.make(...job),
    /** A small video of all that a file holds. */
    reel: (path: string) => room.make(SMALL, [path]),
    /** A path of its own for what the maker puts there. */
    async hostile(ending: string, put: Making): Promise<string> {
      const path = room.clips.fresh(ending)
      await put(path)
      return path
    },
    /** A clip's bytes, changed. */
    changed:
      (change: (bytes: Buffer) => Buffer): Making =>
      async (path) =>
        writeFile(path, change(await readFile(await room.clips.clip()))),
  }
}

/** Bytes as they are. */
export const text =
  (content: string | Buffer): Making =>
  (path) =>
    writeFile(path, content)

/** What ffmpeg makes of these options. */
export const made =
  (...args: string[]): Making =>
  (path) =>
    ffmpeg([...args, path])

/** Options that open generated sources. */
export const lavfi = (...sources: string[]): string[] =>
  sources.flatMap((source) => ['-f', 'lavfi', '-i', source])

/** Overwrites what lies at an offset from every occurrence of a mark. */
export function poke(bytes: Buffer, mark: string, at: number, value: Buffer): Buffer {
  for (let i = bytes.indexOf(mark); i >= 0; i = bytes.indexOf(mark, i + 1)) value.copy(bytes, i + at)
  return bytes
}

/** Four bytes, the highest first. */
export function u32(value: number): Buffer {
  const four = Buffer.alloc(4)
  four.writeUInt32BE(value)
  return four
}
