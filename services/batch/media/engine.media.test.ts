import { readFile, writeFile } from 'node:fs/promises'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { applyPreset } from '#shared/contract/presets.ts'
import { type ClipShape, ffmpeg } from '#test/clips.ts'
import { fileInput } from './probe/media-input.ts'
import { anUpload, type MediaWorkspace, measure, openMediaWorkspace } from './testing/media-workspace.ts'

const small = { frame: { width: 64, height: 36, upscale: true } }

let workspace: MediaWorkspace
beforeAll(async () => {
  workspace = await openMediaWorkspace()
})
afterAll(() => workspace.clips.remove())

describe('the reel of a 30 s clip', () => {
  test('has exactly 480 frames and 20.000 s of both streams, and its progress never falls', async () => {
    const path = await workspace.clips.clip({
      seconds: 30,
      size: '160x90',
      options: ['-preset', 'ultrafast'],
    })
    const outputDir = await workspace.newDir()
    const reported: number[] = []
    const { sources, outputs } = await workspace.engine.render(
      applyPreset('reel', [anUpload()]),
      { sources: [fileInput(path)], images: {} },
      { outputDir, signal: new AbortController().signal, onProgress: (percent) => reported.push(percent) },
    )
    const [reel] = outputs
    expect(reel).toMatchObject({ name: 'output.mp4', seconds: 20, width: 640, height: 360, fps: 24 })
    expect(await measure(reel?.path)).toEqual({ frames: 480, videoSeconds: 20, audioSeconds: 20 })
    expect(sources[0]).toMatchObject({ duration: 30, video: { width: 160, height: 90 } })
    expect(reported.at(-1)).toBe(100)
    expect(reported).toEqual(reported.toSorted((a, b) => a - b))
  })
})

describe('without a frame, the shape is what a player shows', () => {
  /** A clip with the matrix of its video's header exchanged: the options that rotate differ between versions of ffmpeg. */
  const rotated = async (degrees: 90 | 180 | 270, shape: ClipShape = {}) => {
    const path = workspace.clips.fresh('mp4')
    const bytes = await readFile(await workspace.clips.clip(shape))
    const [cos, sin] = ({ 90: [0, 1], 180: [-1, 0], 270: [0, -1] } as const)[degrees]
    const rows = [cos, sin, 0, -sin, cos, 0].map((value) => value * 0x1_0000)
    const matrix = bytes.indexOf('tkhd') + 44
    for (const [i, value] of rows.entries()) bytes.writeInt32BE(value, matrix + 4 * i)
    await writeFile(path, bytes)
    return path
  }
  test.each([
    ['a quarter turn', () => rotated(90), 64, 96],
    ['a half turn', () => rotated(180), 96, 64],
    ['three quarters', () => rotated(270), 64, 96],
    ['a quarter turn, silent', () => rotated(90, { audio: false }), 64, 96],
    ['wide pixels', () => workspace.clips.clip({ options: ['-vf', 'setsar=4/3'] }), 128, 64],
  ] as const)('%s', async (_, source, width, height) => {
    for (const output of [{}, { quality: 'draft' as const }]) {
      const { outputs } = await workspace.render({ output }, [await source()])
      expect(outputs[0]).toMatchObject({ width, height })
    }
  })
})

test('sources of different rates, sizes and channels are joined, each with its trim', async () => {
  const paths = await Promise.all([
    workspace.clips.clip(),
    workspace.clips.clip({ fps: 60, size: '64x96', audio: false }),
    workspace.clips.clip({ fps: 25, options: ['-ac', '6'] }),
  ])
  const trims = [{ start: 0.5, duration: 1 }, { duration: 0.5 }, { start: 1 }]
  const bumper = { intro: { seconds: 0.5 }, outro: { seconds: 0.25 } }
  const { outputs } = await workspace.render({ ...small, bumper, trims }, paths)
  expect(await measure(outputs[0]?.path)).toEqual({
    frames: 78,
    videoSeconds: 3.25,
    audioSeconds: 3.25,
  })
})

test('video that ends before its audio holds its last frame', async () => {
  const path = workspace.clips.fresh('mp4')
  const long = await workspace.clips.clip({ seconds: 3 })
  await ffmpeg([
    '-i',
    await workspace.clips.clip({ seconds: 1 }),
    '-i',
    long,
    '-map',
    '0:v',
    '-map',
    '1:a',
    '-c',
    'copy',
    path,
  ])
  const { outputs } = await workspace.render(small, [path])
  const measured = await measure(outputs[0]?.path)
  expect(measured.videoSeconds).toBeCloseTo(3, 1)
  expect(measured.audioSeconds).toBeCloseTo(3, 1)
})

test('a trim behind the end is refused', async () => {
  await expect(
    workspace.render({ trims: [{ start: 5, duration: 1 }] }, [await workspace.clips.clip()]),
  ).rejects.toMatchObject({
    code: 'media.impossible',
    retry: false,
  })
})

test.each([
  ['alone', {}],
  ['between bumpers', { bumper: { intro: { seconds: 0.5 }, outro: { seconds: 0.5 } } }],
])('a source cut off half-way is damaged, not held still to its end: %s', async (_, recipe) => {
  const whole = await readFile(
    await workspace.clips.clip({ seconds: 10, options: ['-movflags', '+faststart'] }),
  )
  const path = workspace.clips.fresh('mp4')
  await writeFile(path, whole.subarray(0, whole.length / 2))
  await expect(workspace.render({ ...small, ...recipe }, [path])).rejects.toMatchObject({
    code: 'media.damaged',
    retry: false,
  })
})

test("a source that cannot be read throws its reader's error, not ffmpeg's", async () => {
  const readError = new Error('the connection was lost')
  const source = { ...fileInput(workspace.clips.fresh('mp4')), readError: () => readError }
  const options = { outputDir: workspace.clips.dir, signal: new AbortController().signal }
  await expect(
    workspace.engine.render(applyPreset('reel', [anUpload()]), { sources: [source], images: {} }, options),
  ).rejects.toBe(readError)
})
