import { readFile, writeFile } from 'node:fs/promises'
import { describe, expect, test } from '@jest/globals'
import { ffmpeg } from '#test/clips.ts'
import {
  generated,
  lavfi,
  overwriteAll,
  PICTURE,
  SMALL,
  u32,
  useHostileWorkspace,
  type WriteFile,
} from './hostile-workspace.ts'

const room = useHostileWorkspace()

describe('a mirrored picture', () => {
  /** Writes a display matrix into every track header of an MP4. */
  const shown =
    (a: number, d: number, x: number, y: number): WriteFile =>
    async (path) => {
      const bytes = await readFile(await room.clip({ sound: false }))
      for (const [at, value] of [
        [0, a],
        [16, d],
        [24, x],
        [28, y],
      ] as const)
        overwriteAll(bytes, 'tkhd', 44 + at, u32((value * 65_536) >>> 0))
      await writeFile(path, bytes)
    }
  const firstFrame = async (path: string | undefined, filter: string) => {
    const grey = room.fresh('gray')
    await ffmpeg([
      '-noautorotate',
      '-i',
      path ?? '',
      '-vf',
      `${filter},scale=64:36`,
      '-frames:v',
      '1',
      '-pix_fmt',
      'gray',
      '-f',
      'rawvideo',
      grey,
    ])
    return readFile(grey)
  }
  test.each([
    ['left to right', -1, 1, 96, 0, 'hflip'],
    ['upside down', 1, -1, 0, 64, 'vflip'],
  ])('%s is shown as it is meant', async (_, a, d, x, y, filter) => {
    const path = await room.hostile('mp4', shown(a, d, x, y))
    const { outputs } = await room.make({ frame: { width: 64, height: 36, fit: 'stretch' } }, [path])
    const [got, wanted] = [await firstFrame(outputs[0]?.path, 'null'), await firstFrame(path, filter)]
    const difference = got.reduce((sum, value, i) => sum + Math.abs(value - (wanted[i] ?? 0)), 0) / got.length
    expect(difference).toBeLessThan(8)
  })
})

describe('ends right or damaged, and soon', () => {
  const outcome = async (path: string) => {
    const options = { deadlineMs: 20_000 }
    try {
      const { outputs } = await room.make(SMALL, [path], options)
      return outputs[0]?.width === 64 ? 'right' : 'wrong'
    } catch (error) {
      return (error as { code: string }).code
    }
  }
  const flipped = (seed: number) =>
    room.changed((bytes) => {
      const start = bytes.indexOf('mdat') + 8
      const end = bytes.indexOf('moov') - 4
      for (let i = 0, at = seed; i < 40; i++) {
        at = (at * 1_103_515_245 + 12_345) % 2 ** 31
        const place = start + (at % (end - start))
        bytes[place] = (bytes[place] ?? 0) ^ (1 << (at % 8))
      }
      return bytes
    })
  // What a decoder makes of flipped bits is its own affair, and may change with its version.
  const EITHER = ['right', 'media.damaged']
  const cases: [string, string, WriteFile, string[]][] = [
    ['flipped bits', 'mp4', flipped(1), EITHER],
    ['other flipped bits', 'mp4', flipped(77), EITHER],
    [
      'a tail cut off, moov in front',
      'mp4',
      async (path) => {
        const bytes = await readFile(await room.clip({ seconds: 6, options: ['-movflags', '+faststart'] }))
        await writeFile(path, bytes.subarray(0, bytes.length * 0.6))
      },
      ['media.damaged'],
    ],
    [
      'a tail cut off, Matroska',
      'mkv',
      async (path) => {
        const bytes = await readFile(await room.clip({ seconds: 6, ending: 'mkv' }))
        await writeFile(path, bytes.subarray(0, bytes.length * 0.6))
      },
      ['media.damaged'],
    ],
    [
      'timestamps that jump back',
      'ts',
      async (path) => {
        const bytes = await readFile(await room.clip({ seconds: 1, ending: 'ts' }))
        await writeFile(path, Buffer.concat([bytes, bytes]))
      },
      ['right'],
    ],
    [
      'an encrypted picture',
      'mp4',
      generated(
        ...lavfi(PICTURE),
        // Without it the key stream, and so what a decoder trips over, is another each time.
        ...['-fflags', '+bitexact'],
        '-encryption_scheme',
        'cenc-aes-ctr',
        '-encryption_key',
        '0123456789abcdef0123456789abcdef',
        '-encryption_kid',
        '0123456789abcdef0123456789abcdef',
      ),
      ['media.damaged'],
    ],
  ]
  test.each(cases)('%s', async (_, ending, put, expected) => {
    expect(expected).toContain(await outcome(await room.hostile(ending, put)))
  })
})
