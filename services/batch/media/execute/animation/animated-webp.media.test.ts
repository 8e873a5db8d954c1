import { readdir, readFile, writeFile } from 'node:fs/promises'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { Recipe } from '#shared/contract/recipe.ts'
import { ffmpeg } from '#test/clips.ts'
import { fileInput } from '../../probe/media-input.ts'
import { anUpload, type MediaWorkspace, measure, openMediaWorkspace } from '../../testing/media-workspace.ts'
import { animatedWebp, undecodableStill, type WrittenFrame } from '../../testing/webp-files.ts'

let workspace: MediaWorkspace
beforeAll(async () => {
  workspace = await openMediaWorkspace({ pixels: 1920 * 1088 })
})
afterAll(() => workspace.clips.remove())

const CANVAS = { width: 96, height: 64 }
const RECIPE = { output: { quality: 'high' } } as const
const LOSSLESS = ['-c:v', 'libwebp', '-lossless', '1', '-pix_fmt', 'bgra']
const LOSSY = ['-c:v', 'libwebp', '-quality', '95', '-pix_fmt', 'yuva420p']

/** A still image of one colour, which may have an alpha, as in `red@0.5`. */
async function still(colour: string, size: string, options: string[]): Promise<WrittenFrame> {
  const source = ['-f', 'lavfi', '-i', `color=${colour}:s=${size},format=rgba`, '-frames:v', '1']
  const path = await workspace.clips.generated('webp', [...source, ...options])
  const [width = 0, height = 0] = size.split('x').map(Number)
  return { still: await readFile(path), width, height }
}

async function written(frames: WrittenFrame[], canvas = CANVAS): Promise<string> {
  const path = workspace.clips.fresh('webp')
  await writeFile(path, animatedWebp(canvas, frames))
  return path
}

/** The colours of a video at some time and points, red, green and blue. */
async function coloursAt(path: string, seconds: number, points: [x: number, y: number][]) {
  const raw = workspace.clips.fresh('rgb')
  const output = ['-frames:v', '1', '-pix_fmt', 'rgb24', '-f', 'rawvideo', raw]
  await ffmpeg(['-ss', String(seconds), '-i', path, ...output])
  const pixels = await readFile(raw)
  return points.map(([x, y]) => pixels.subarray(3 * (y * CANVAS.width + x)).subarray(0, 3))
}

/** What is drawn, by the corner of the channels that are more than half bright. */
const NAMES = ['black', 'blue', 'green', 'cyan', 'red', 'magenta', 'yellow', 'white']
const nameOf = (colour: Buffer) =>
  NAMES[[...colour].reduce((bits, value) => 2 * bits + (value > 100 ? 1 : 0), 0)]

const LEFT: [number, number] = [8, 32]
const MIDDLE: [number, number] = [40, 32]
const RIGHT: [number, number] = [88, 32]

test('frames are put together as browsers do, for as long as each is shown', async () => {
  const path = await written([
    // Does not cover the canvas, whose rest is transparent.
    { ...(await still('blue', '64x64', LOSSY)), ms: 200 },
    // Half of it is seen through, and it leaves a hole.
    { ...(await still('red@0.5', '40x20', LOSSY)), x: 24, y: 22, ms: 100, clears: true },
    { ...(await still('lime', '21x33', LOSSLESS)), x: 74, y: 16, ms: 0 },
    // Replaces what it covers with nothing.
    { ...(await still('white@0', '33x64', LOSSLESS)), ms: 300, replaces: true },
  ])
  const { sources, outputs } = await workspace.render(
    { ...RECIPE, frame: { ...CANVAS, background: '#ffff00' } },
    [path],
  )
  expect(sources[0]).toMatchObject({
    container: 'webp',
    duration: 0.7,
    video: { codec: 'webp', ...CANVAS, frames: 4, variable_fps: true, alpha: true },
    audio: null,
  })
  const shown = await Promise.all(
    [0.1, 0.25, 0.35, 0.5].map(async (seconds) =>
      (await coloursAt(outputs[0]?.path ?? '', seconds, [LEFT, MIDDLE, RIGHT])).map(nameOf),
    ),
  )
  expect(shown).toEqual([
    ['blue', 'blue', 'yellow'],
    ['blue', 'magenta', 'yellow'],
    ['blue', 'yellow', 'green'],
    ['yellow', 'yellow', 'green'],
  ])
  expect(outputs[0]?.seconds).toBeCloseTo(0.7, 1)
})

test('a trim, a GIF and a bumper clip of what libwebp writes', async () => {
  const video = ['-f', 'lavfi', '-i', 'testsrc2=s=96x64:r=25:d=2', '-c:v', 'libwebp_anim']
  const path = await workspace.clips.generated('webp', video)
  const dir = await workspace.newDir()
  const trims = [{ start: 1.2, duration: 0.4 }]
  const recipe = {
    output: { format: 'gif', fps: 25 },
    bumper: { outro: { seconds: 1, clip: anUpload() } },
  } as const
  const { sources, outputs } = await workspace.render({ ...recipe, trims }, [path], {
    uploads: [path],
    outputDir: dir,
  })
  expect(sources[0]).toMatchObject({ duration: 2, video: { fps: 25, variable_fps: false, frames: 50 } })
  expect((await measure(outputs[0]?.path)).frames).toBe(35)
  expect(await readdir(dir)).toEqual(['output.gif'])
})

test('a dry run and the key frames of an editor decode nothing', async () => {
  const path = await written([
    { still: undecodableStill(CANVAS), ...CANVAS, ms: 700 },
    { still: undecodableStill(CANVAS), ...CANVAS, ms: 300 },
  ])
  const signal = new AbortController().signal
  const recipe = Recipe.parse({ sources: [anUpload()] })
  const { sources } = await workspace.engine.dryRun(
    recipe,
    { sources: [fileInput(path)], images: {} },
    { signal },
  )
  expect(sources[0]).toMatchObject({ container: 'webp', duration: 1 })
  const scratchDir = await workspace.newDir()
  const options = { signal, scratchDir, readMs: 10_000 }
  expect(await workspace.engine.inspect.key_frames(fileInput(path), options)).toEqual({
    ...{ duration: 1, covered_seconds: 1, complete: true, times: [0] },
  })
  expect(await readdir(scratchDir)).toEqual([])
})

describe('is refused', () => {
  const refused = async (path: string, code: string, message: string) =>
    expect(workspace.render(RECIPE, [path])).rejects.toMatchObject({
      code,
      message: expect.stringContaining(message),
    })

  test('when a frame cannot be decoded', async () => {
    const frame = { still: undecodableStill(CANVAS), ...CANVAS }
    const other = await still('red', '96x64', LOSSLESS)
    for (const frames of [[frame], [other, frame, other]]) {
      await refused(await written(frames), 'media.damaged', 'some frames cannot be decoded')
    }
  })

  test('when it is cut off', async () => {
    const whole = await readFile(await written([await still('red', '96x64', LOSSLESS)]))
    const path = workspace.clips.fresh('webp')
    await writeFile(path, whole.subarray(0, whole.length - 4))
    await refused(path, 'media.unreadable', 'cut off')
  })

  test('when its canvas is larger than the limit', async () => {
    const frame = { still: undecodableStill(CANVAS), ...CANVAS }
    const path = await written([frame], { width: 16_384, height: 16_384 })
    await refused(path, 'media.limits', '16384x16384')
  })

  test('when it does not move', async () => {
    const path = workspace.clips.fresh('webp')
    await writeFile(path, undecodableStill(CANVAS))
    await refused(path, 'media.unreadable', 'the container webp is not supported')
  })
})
