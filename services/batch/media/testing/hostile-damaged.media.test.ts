import { readFile, writeFile } from 'node:fs/promises'
import { describe, expect, test } from '@jest/globals'
import { ffmpeg } from '#test/clips.ts'
import {
  type FileWriter,
  generated,
  lavfi,
  overwriteAll,
  SMALL_RECIPE,
  u32,
  useHostileWorkspace,
  VIDEO,
} from './hostile-workspace.ts'

const workspace = useHostileWorkspace()

describe('mirrored video', () => {
  /** Writes a display matrix into every track header of an MP4. */
  const withMatrix =
    (a: number, d: number, x: number, y: number): FileWriter =>
    async (path) => {
      const bytes = await readFile(await workspace.clip({ audio: false }))
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
    const grey = workspace.newPath('gray')
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
    ['top to bottom', 1, -1, 0, 64, 'vflip'],
  ])('%s is rendered the way it is displayed', async (_, a, d, x, y, filter) => {
    const path = await workspace.createFile('mp4', withMatrix(a, d, x, y))
    const { outputs } = await workspace.render({ frame: { width: 64, height: 36, fit: 'stretch' } }, [path])
    const [actual, expected] = [await firstFrame(outputs[0]?.path, 'null'), await firstFrame(path, filter)]
    const difference =
      actual.reduce((sum, value, i) => sum + Math.abs(value - (expected[i] ?? 0)), 0) / actual.length
    expect(difference).toBeLessThan(8)
  })
})

describe('either succeeds or is reported as damaged, in time', () => {
  const outcome = async (path: string) => {
    const options = { deadlineMs: 20_000 }
    try {
      const { outputs } = await workspace.render(SMALL_RECIPE, [path], options)
      return outputs[0]?.width === 64 ? 'succeeds' : 'wrong size'
    } catch (error) {
      return (error as { code: string }).code
    }
  }
  const flipped = (seed: number) =>
    workspace.modifiedClip((bytes) => {
      const start = bytes.indexOf('mdat') + 8
      const end = bytes.indexOf('moov') - 4
      for (let i = 0, at = seed; i < 40; i++) {
        at = (at * 1_103_515_245 + 12_345) % 2 ** 31
        const index = start + (at % (end - start))
        bytes[index] = (bytes[index] ?? 0) ^ (1 << (at % 8))
      }
      return bytes
    })
  // How a decoder handles flipped bits may change with its version.
  const EITHER = ['succeeds', 'media.damaged']
  const cases: [string, string, FileWriter, string[]][] = [
    ['flipped bits', 'mp4', flipped(1), EITHER],
    ['other flipped bits', 'mp4', flipped(77), EITHER],
    [
      'truncated, with moov in front',
      'mp4',
      async (path) => {
        const bytes = await readFile(
          await workspace.clip({ seconds: 6, options: ['-movflags', '+faststart'] }),
        )
        await writeFile(path, bytes.subarray(0, bytes.length * 0.6))
      },
      ['media.damaged'],
    ],
    [
      'truncated Matroska',
      'mkv',
      async (path) => {
        const bytes = await readFile(await workspace.clip({ seconds: 6, extension: 'mkv' }))
        await writeFile(path, bytes.subarray(0, bytes.length * 0.6))
      },
      ['media.damaged'],
    ],
    [
      'timestamps that jump back',
      'ts',
      async (path) => {
        const bytes = await readFile(await workspace.clip({ seconds: 1, extension: 'ts' }))
        await writeFile(path, Buffer.concat([bytes, bytes]))
      },
      ['succeeds'],
    ],
    [
      'encrypted video',
      'mp4',
      generated(
        ...lavfi(VIDEO),
        // Without this the key stream differs each time, and with it the errors of the decoder.
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
  test.each(cases)('%s', async (_, extension, write, expected) => {
    expect(expected).toContain(await outcome(await workspace.createFile(extension, write)))
  })
})
