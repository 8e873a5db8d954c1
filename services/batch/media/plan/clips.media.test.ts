import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { renderDivided } from '../chunks/testing/render-divided.ts'
import { anUpload, type MediaWorkspace, measure, openMediaWorkspace } from '../testing/media-workspace.ts'
import { shownFrames } from '../testing/shown-frames.ts'
import type { RenderedFile } from '../types.ts'

const RATE = 10
const SECONDS = 7
/** Of brightness between two frames: lossy video keeps it to within one. */
const STEP = 3

let workspace: MediaWorkspace
/** Every frame is brighter than the one before; a key frame every two seconds, and a tone. */
let counting: string
beforeAll(async () => {
  workspace = await openMediaWorkspace({}, { threads: 1 })
  const video = `color=black:s=64x64:r=${RATE}:d=${SECONDS},format=yuv420p,geq=lum='16+${STEP}*N':cb=128:cr=128`
  const sources = ['-f', 'lavfi', '-i', video, '-f', 'lavfi', '-i', `sine=d=${SECONDS}`]
  counting = await workspace.clips.generated('mp4', [...sources, '-c:v', 'libx264', '-qp', '1', '-g', '20'])
})
afterAll(() => workspace.clips.remove())

const output = { format: 'mp4', crf: 1 } as const
const frames = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => from + i)

/** The frames of the source that each file shows. */
const shownBy = async (outputs: RenderedFile[]) =>
  Object.fromEntries(
    await Promise.all(
      outputs.map(async ({ name, path }) => [
        name,
        (await shownFrames(path)).map((brightness) => Math.round(brightness / STEP)),
      ]),
    ),
  )

const renders = {
  'in one job': async (recipe: object) => (await workspace.render({ output, ...recipe }, [counting])).outputs,
  'in chunks': async (recipe: object) => {
    const { chunks, outputs } = await renderDivided(workspace, { output, ...recipe }, [counting])
    expect(chunks).toBeGreaterThan(1)
    return outputs
  },
}

describe.each(Object.entries(renders))('%s', (_, render) => {
  test('clips show exactly their frames, also where they overlap or come in another order', async () => {
    const outputs = await render({
      clips: [
        { start: 3, end: 5, name: 'middle' },
        { start: '0:00.5', end: '0:01.2' },
        { start: '4.5', name: 'rest' },
      ],
    })
    expect(await shownBy(outputs)).toEqual({
      'middle.mp4': frames(30, 50),
      'clip-002.mp4': frames(5, 12),
      'rest.mp4': frames(45, 70),
    })
    for (const { path, seconds } of outputs) {
      expect(Math.abs((await measure(path)).audioSeconds - (seconds ?? 0))).toBeLessThan(0.05)
    }
  })

  test('parts are cut exactly at the given times', async () => {
    const outputs = await render({ split: { at: [1, '0:02.5', 2.8, 5] } })
    expect(await shownBy(outputs)).toEqual({
      'part-001.mp4': frames(0, 10),
      'part-002.mp4': frames(10, 25),
      'part-003.mp4': frames(25, 28),
      'part-004.mp4': frames(28, 50),
      'part-005.mp4': frames(50, 70),
    })
  })
})

test('clips get bumpers and a format, and audio alone can be cut into clips', async () => {
  const recipe = {
    clips: [
      { start: 1, end: 2, name: 'a' },
      { start: 4, end: 5.5 },
    ],
  }
  const bumper = { outro: { seconds: 1, image: anUpload(0) } }
  const logo = await workspace.clips.generated('png', [
    '-f',
    'lavfi',
    '-i',
    'color=red:s=64x64',
    '-frames:v',
    '1',
  ])
  const video = await workspace.render(
    { ...recipe, bumper, output: { format: 'webm', quality: 'draft' } },
    [counting],
    {
      uploads: [logo],
    },
  )
  expect(video.outputs.map(({ name, seconds }) => [name, seconds])).toEqual([
    ['a.webm', expect.closeTo(2, 1)],
    ['clip-002.webm', expect.closeTo(2.5, 1)],
  ])
  const audio = await workspace.render({ ...recipe, output: { format: 'mp3' } }, [counting])
  expect(audio.outputs.map(({ name, seconds }) => [name, seconds])).toEqual([
    ['a.mp3', expect.closeTo(1, 0)],
    ['clip-002.mp3', expect.closeTo(1.5, 0)],
  ])
})

test.each([
  ['a clip beyond the end', { clips: [{ end: 1 }, { start: 6, end: 8 }] }, 'clip 2 runs to 8 s'],
  ['a cut beyond the end', { split: { at: [1, 7] } }, 'cut at 7 s'],
])('%s is impossible, and named', async (_, recipe, message) => {
  await expect(workspace.render(recipe, [counting])).rejects.toMatchObject({
    code: 'media.impossible',
    message: expect.stringContaining(message),
  })
})
