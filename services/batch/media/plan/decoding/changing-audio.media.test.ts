import { readdir, readFile, writeFile } from 'node:fs/promises'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { ffmpeg, ffprobeLines } from '#test/clips.ts'
import { beepsOf, flashesAndBeeps, onsetsOf } from '../../testing/flashes-and-beeps.ts'
import { anUpload, type MediaWorkspace, measure, openMediaWorkspace } from '../../testing/media-workspace.ts'

let workspace: MediaWorkspace
let whole: string
beforeAll(async () => {
  workspace = await openMediaWorkspace()
  whole = workspace.clips.fresh('mkv')
  await ffmpeg([...flashesAndBeeps(8), '-c:v', 'libx264', '-g', '25', '-bf', '0', '-c:a', 'flac', whole])
})
afterAll(() => workspace.clips.remove())

/** Audio of a part: encoder, channels, Hz. */
type Audio = [codec: string, channels: number, rate: number]

/** Files joined byte by byte. */
async function joined(extension: string, parts: string[]): Promise<string> {
  const path = workspace.clips.fresh(extension)
  await writeFile(path, Buffer.concat(await Promise.all(parts.map((part) => readFile(part)))))
  return path
}

/** A transport stream of 8 s that flashes and beeps each second. Its audio changes after 4 s. */
async function changing([codec, ...before]: Audio, [, ...after]: Audio): Promise<string> {
  const part = async (from: number, [channels, rate]: number[]) => {
    const path = workspace.clips.fresh('ts')
    await ffmpeg([
      ...['-ss', String(from), '-t', '4', '-i', whole, '-c:v', 'copy'],
      ...['-c:a', codec, '-ac', String(channels), '-ar', String(rate)],
      ...['-output_ts_offset', String(from), '-muxdelay', '0', '-muxpreload', '0', path],
    ])
    return path
  }
  return joined('ts', [await part(0, before), await part(4, after)])
}

const STEREO: Audio = ['ac3', 2, 48_000]
const CHANGES: [name: string, before: Audio, after: Audio][] = [
  ['from stereo to 5.1', STEREO, ['ac3', 6, 48_000]],
  ['from 48 to 44.1 kHz', STEREO, ['ac3', 2, 44_100]],
  ['from 5.1 at 44.1 kHz to stereo at 48 kHz', ['aac', 6, 44_100], ['aac', 2, 48_000]],
  ['from mono to stereo', ['mp2', 1, 48_000], ['mp2', 2, 48_000]],
]

/** The audio codecs of the tests delay by up to a packet of 32 ms; a frame takes 40 ms. */
const FRAME_S = 0.04

async function expectInSync(path: string | undefined, count: number) {
  const { flashes, beeps } = await onsetsOf(path)
  expect(flashes).toHaveLength(count)
  expect(beeps).toHaveLength(count)
  const late = flashes.map((flash, i) => (beeps[i] ?? 0) - flash)
  expect(late.filter((seconds) => Math.abs(seconds) > FRAME_S)).toEqual([])
}

const channelsOf = async (path = '') => (await ffprobeLines(path, 'stream=channels', 'a'))[0]

describe.each(CHANGES)('audio that changes %s on the way', (_, before, after) => {
  let path: string
  beforeAll(async () => {
    path = await changing(before, after)
  })

  test('keeps its length, in sync, as stereo', async () => {
    const { outputs, sources } = await workspace.render({ output: { format: 'mp4', quality: 'draft' } }, [
      path,
    ])
    const { videoSeconds, audioSeconds } = await measure(outputs[0]?.path)
    expect(Math.abs(videoSeconds - 8)).toBeLessThan(0.1)
    expect(Math.abs(audioSeconds - 8)).toBeLessThan(0.1)
    expect(await channelsOf(outputs[0]?.path)).toBe('2')
    await expectInSync(outputs[0]?.path, 8)
    const warnings = sources[0]?.warnings?.filter(({ code }) => code === 'parameters_change')
    expect(warnings?.[0]?.at).toBeGreaterThan(3.9)
    expect(warnings?.[0]?.at).toBeLessThan(5.2)
  })

  test('keeps its length as audio alone', async () => {
    const { outputs } = await workspace.render({ output: { format: 'mp3' } }, [path])
    expect(Math.abs((outputs[0]?.seconds ?? 0) - 8)).toBeLessThan(0.15)
    expect(await channelsOf(outputs[0]?.path)).toBe('2')
    expect(await beepsOf(outputs[0]?.path)).toHaveLength(8)
  })
})

describe('audio that changes from stereo to 5.1', () => {
  let path: string
  beforeAll(async () => {
    path = await changing(STEREO, ['ac3', 6, 48_000])
  })

  test.each([
    ['before', { start: 0.5, duration: 2 }, 2],
    ['across', { start: 2.5, duration: 3 }, 3],
    ['behind', { start: 5.5, duration: 2 }, 2],
  ])('can be trimmed %s the change', async (_, trim, count) => {
    const { outputs } = await workspace.render(
      { output: { format: 'mp4', quality: 'draft' }, trims: [trim] },
      [path],
    )
    expect(Math.abs((outputs[0]?.seconds ?? 0) - trim.duration)).toBeLessThan(0.05)
    await expectInSync(outputs[0]?.path, count)
  })

  test('can be joined, set between bumpers and normalized', async () => {
    const bumper = { intro: { seconds: 0.48 }, outro: { seconds: 0.48 } }
    const { outputs } = await workspace.render(
      {
        output: { format: 'mp4', quality: 'draft' },
        bumper,
        audio: 'normalize',
        trims: [{ start: 3, duration: 2 }],
      },
      [path, path],
    )
    expect(Math.abs((outputs[0]?.seconds ?? 0) - 0.96 - 2 - 8)).toBeLessThan(0.12)
    await expectInSync(outputs[0]?.path, 10)
  })

  test('can be split', async () => {
    const { outputs } = await workspace.render(
      { output: { format: 'mp4', quality: 'draft' }, split: { every: 3.6 } },
      [path],
    )
    expect(outputs.map(({ seconds }) => Math.round(seconds ?? 0))).toEqual([4, 4, 1])
    await expectInSync(outputs[1]?.path, 4)
  })

  test('can belong to a bumper clip', async () => {
    const bumper = { intro: { seconds: 8, clip: anUpload() }, outro: { seconds: 2, clip: anUpload() } }
    const film = await workspace.clips.clip({ fps: 25 })
    const { outputs } = await workspace.render(
      { output: { format: 'mp4', quality: 'draft' }, bumper },
      [film],
      { uploads: [path] },
    )
    expect(Math.abs((outputs[0]?.seconds ?? 0) - 12)).toBeLessThan(0.12)
  })

  test('is never copied', async () => {
    const { outputs } = await workspace.render({ output: { format: 'mkv' } }, [path])
    expect(await channelsOf(outputs[0]?.path)).toBe('2')
    await expectInSync(outputs[0]?.path, 8)
  })

  test('leaves no file behind', async () => {
    const outputDir = await workspace.newDir()
    await workspace.render({ output: { format: 'mp3' } }, [path], { outputDir })
    expect(await readdir(outputDir)).toEqual(['output.mp3'])
  })

  test('reports progress that never falls', async () => {
    const seen: number[] = []
    const onProgress = (percent: number) => seen.push(percent)
    await workspace.render({ output: { format: 'mp4', quality: 'draft' } }, [path], { onProgress })
    expect(seen).toEqual(seen.toSorted((a, b) => a - b))
    expect(seen.at(-1)).toBe(100)
  })
})

describe('a change that no measuring found', () => {
  test.each([
    ['mkv', 'from stereo to 5.1', STEREO, ['ac3', 6, 48_000]],
    ['mp4', 'from 44.1 to 48 kHz', ['ac3', 2, 44_100], ['ac3', 2, 48_000]],
  ] as [string, string, Audio, Audio][])(
    'is found while rendering %s that changes %s',
    async (extension, _, before, after) => {
      const path = workspace.clips.fresh(extension)
      await ffmpeg(['-i', await changing(before, after), '-c', 'copy', path])
      for (const audio of ['keep', 'normalize'] as const) {
        // From a frame on: in the middle of one, video is early or late by half of it, and the change costs a packet of audio.
        const { outputs, sources } = await workspace.render(
          { output: { format: 'mp4', quality: 'draft' }, audio, trims: [{ start: 2.52, duration: 4 }] },
          [path],
        )
        await expectInSync(outputs[0]?.path, 4)
        expect(sources[0]?.warnings).toEqual([expect.objectContaining({ code: 'parameters_change' })])
      }
    },
  )
})

describe('raw audio', () => {
  test.each([
    ['mp3', [1, 44_100], [1, 48_000]],
    ['mp3', [2, 48_000], [1, 44_100]],
    ['aac', [1, 44_100], [2, 48_000]],
    ['aac', [1, 44_100], [1, 22_050]],
    ['ac3', [2, 48_000], [6, 44_100]],
  ])(
    '%s of different formats, joined byte by byte, keeps all of its samples',
    async (extension, before, after) => {
      const part = async (from: number, [channels, rate]: number[]) => {
        const path = workspace.clips.fresh(extension)
        const options = ['-vn', '-ac', String(channels), '-ar', String(rate), '-write_xing', '0']
        await ffmpeg([
          ...['-ss', String(from), '-t', '4', '-i', whole],
          ...(extension === 'mp3' ? options : options.slice(0, -2)),
          path,
        ])
        return path
      }
      const path = await joined(extension, [await part(0, before), await part(4, after)])
      const { outputs, sources } = await workspace.render({ output: { format: 'wav' } }, [path])
      expect(Math.abs((outputs[0]?.seconds ?? 0) - 8)).toBeLessThan(0.25)
      expect(sources[0]?.warnings).toContainEqual(expect.objectContaining({ code: 'parameters_change' }))
      const beeps = await beepsOf(outputs[0]?.path)
      expect(beeps).toHaveLength(8)
      expect(Math.abs((beeps[7] ?? 0) - (beeps[5] ?? 0) - 2)).toBeLessThan(0.02)
      const trimmed = await workspace.render(
        { output: { format: 'wav' }, trims: [{ start: 5.5, duration: 2 }] },
        [path],
      )
      expect(trimmed.outputs[0]?.seconds).toBeCloseTo(2, 1)
      const shown = beeps.filter((at) => at > 5.5 && at < 7.5)
      const beepsOfTrim = await beepsOf(trimmed.outputs[0]?.path)
      expect(beepsOfTrim).toHaveLength(shown.length)
      for (const [i, at] of beepsOfTrim.entries())
        expect(Math.abs(at + 5.5 - (shown[i] ?? 0))).toBeLessThan(0.03)
    },
  )
})
