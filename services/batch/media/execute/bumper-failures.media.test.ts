import { readFile, writeFile } from 'node:fs/promises'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { ffmpeg } from '#test/clips.ts'
import { anUpload, type MediaWorkspace, openMediaWorkspace } from '../testing/media-workspace.ts'

let workspace: MediaWorkspace
let film: string
let whole: string
beforeAll(async () => {
  workspace = await openMediaWorkspace()
  film = await workspace.clips.clip()
  whole = await workspace.clips.clip({
    seconds: 4,
    options: ['-movflags', '+faststart', '-preset', 'veryfast'],
  })
})
afterAll(() => workspace.clips.remove())

/** A clip that plays, and breaks on the way: the second half of its bytes is missing, or every third of them is wrong. */
async function broken(how: 'cut off' | 'overwritten'): Promise<string> {
  const bytes = await readFile(whole)
  const path = workspace.clips.fresh('mp4')
  const start = bytes.indexOf('mdat') + 3000
  const spoiled = bytes.map((byte, i) => (i > start && i % 3 === 0 ? byte ^ 0x5a : byte))
  await writeFile(path, how === 'cut off' ? bytes.subarray(0, bytes.length / 2) : spoiled)
  return path
}

const failure = (error: Promise<unknown>) =>
  error.then(
    () => undefined,
    ({ message }: Error) => message,
  )

describe.each(['cut off', 'overwritten'] as const)('a clip that is %s', (how) => {
  test.each(['keep', 'normalize'] as const)(
    'is called the bumper clip when it is one (audio: %s)',
    async (audio) => {
      const bumper = { outro: { seconds: 4, clip: anUpload() } }
      const uploads = [await broken(how)]
      const message = await failure(
        workspace.render({ output: { format: 'mp4' }, bumper, audio }, [film], { uploads }),
      )
      expect(message).toMatch(/bumper clip .*damaged/)
      expect(message).not.toMatch(/source/)
    },
  )

  test('is called the source when it is the source', async () => {
    const bumper = { outro: { seconds: 1, clip: anUpload() } }
    const path = await broken(how)
    const message = await failure(
      workspace.render({ output: { format: 'mp4' }, bumper }, [path], { uploads: [film] }),
    )
    expect(message).toMatch(/source .*damaged/)
    expect(message).not.toMatch(/bumper/)
  })
})

test.each([
  ['bumper', { bumper: { intro: { seconds: 1, image: anUpload() } } }],
  ['watermark', { watermark: { image: anUpload() } }],
])('an animated WebP as a %s is called an image', async (_, recipe) => {
  const path = workspace.clips.fresh('webp')
  await ffmpeg(['-f', 'lavfi', '-i', 'testsrc2=s=96x64:r=10:d=1', path])
  await expect(
    workspace.render({ output: { format: 'mp4' }, ...recipe }, [film], { uploads: [path] }),
  ).rejects.toMatchObject({
    code: 'media.unreadable',
    message: expect.stringMatching(/^Cannot use an image: it is an animated WebP/),
  })
})
