import { describe, expect, test } from '@jest/globals'
import { animatedWebp, undecodableStill, type WrittenFrame, webpChunk } from '../../testing/webp-files.ts'
import { openAnimation } from './animation.ts'
import type { WebpFrame } from './frame.ts'

const CANVAS = { width: 96, height: 64 }
const SMALL = { width: 20, height: 10 }

const frame = (more: Partial<WrittenFrame> = {}): WrittenFrame => {
  const size = { width: more.width ?? SMALL.width, height: more.height ?? SMALL.height }
  return { still: undecodableStill(size), ...size, ...more }
}

/** A file in pieces of an odd size. */
async function* pieces(bytes: Buffer) {
  for (let at = 0; at < bytes.length; at += 37) yield bytes.subarray(at, at + 37)
}

const open = (bytes: Buffer) => openAnimation(pieces(bytes))

async function framesOf(bytes: Buffer) {
  const frames: WebpFrame[] = []
  for await (const frame of (await open(bytes))?.frames ?? []) frames.push(frame)
  return frames
}

test('the canvas, and where, when and how each frame is drawn', async () => {
  const second = frame({ x: 30, y: 4, ms: 250, replaces: true, clears: true })
  const bytes = animatedWebp(CANVAS, [frame(), second], [webpChunk('EXIF', Buffer.alloc(301))])
  expect(await open(bytes)).toMatchObject({ ...CANVAS, bytes: bytes.length })
  const frames = await framesOf(bytes)
  expect(frames).toEqual([
    expect.objectContaining({ x: 0, y: 0, ...SMALL, ms: 100, blends: true, clears: false }),
    expect.objectContaining({ x: 30, y: 4, ...SMALL, ms: 250, blends: false, clears: true }),
  ])
  expect(frames[0]?.image.equals(undecodableStill(SMALL))).toBe(true)
})

test('the alpha of a frame becomes that of its still image', async () => {
  const image = Buffer.from([0, 0, 0, 0x9d, 0x01, 0x2a, SMALL.width, 0, SMALL.height, 0])
  const chunks = [webpChunk('ALPH', Buffer.alloc(5)), webpChunk('VP8 ', image)]
  const still = Buffer.concat([Buffer.alloc(12), ...chunks])
  const [first] = await framesOf(animatedWebp(CANVAS, [frame({ still })]))
  const found = first?.image ?? Buffer.alloc(0)
  expect(found.toString('latin1', 8, 16)).toBe('WEBPVP8X')
  expect(found[20]).toBe(0x10)
  expect([found.readUIntLE(24, 3), found.readUIntLE(27, 3)]).toEqual([SMALL.width - 1, SMALL.height - 1])
  expect(found.subarray(30)).toEqual(Buffer.concat(chunks))
  expect(found.readUInt32LE(4)).toBe(found.length - 8)
})

test.each([
  [0, 100],
  [10, 100],
  [11, 11],
  [60_000, 60_000],
])('a frame of %s ms is shown for %s ms, as browsers do', async (ms, shown) => {
  expect(await framesOf(animatedWebp(CANVAS, [frame({ ms })]))).toMatchObject([{ ms: shown }])
})

test.each([
  ['a still image', undecodableStill(CANVAS)],
  ['nothing', Buffer.alloc(0)],
  ['another file', Buffer.alloc(1000, 'RIFF')],
])('%s is no animation', async (_, bytes) => {
  expect(await open(bytes)).toBeUndefined()
})

describe('refuses', () => {
  const whole = animatedWebp(CANVAS, [frame(), frame()])
  const unreadable = (bytes: Buffer, message: string) =>
    expect(framesOf(bytes)).rejects.toMatchObject({
      code: 'media.unreadable',
      message: expect.stringContaining(message),
    })

  test.each([31, 60, 90, whole.length - 50, whole.length - 2])('a file of %s bytes', (length) =>
    unreadable(whole.subarray(0, length), 'was cut off'),
  )

  test('an animation without frames', () => unreadable(animatedWebp(CANVAS, []), 'without frames'))

  test.each([
    ['beside', { x: 78 }],
    ['below', { y: 56 }],
    ['larger than', { still: undecodableStill({ width: 97, height: 64 }), width: 97, height: 64 }],
  ])('a frame that is %s its canvas', (_, more) =>
    unreadable(animatedWebp(CANVAS, [frame(more)]), 'exceeds its canvas'),
  )

  test('an image of another size than its frame', () =>
    unreadable(animatedWebp(CANVAS, [frame({ still: undecodableStill(CANVAS) })]), 'has another size'))

  test.each([
    ['no image', Buffer.alloc(12)],
    ['an image of no key frame', Buffer.concat([Buffer.alloc(12), webpChunk('VP8 ', Buffer.alloc(10, 1))])],
    ['an image that is too short', Buffer.concat([Buffer.alloc(12), webpChunk('VP8L', Buffer.alloc(3))])],
  ])('a frame with %s', (_, still) =>
    unreadable(animatedWebp(CANVAS, [frame({ still })]), 'the image of a frame is missing'),
  )

  test('chunks that exceed their frame', () => {
    const bytes = animatedWebp(CANVAS, [frame()])
    bytes.writeUInt32LE(0xffff_ffff, bytes.indexOf('VP8L') + 4)
    return unreadable(bytes, 'exceeds it')
  })

  test.each([
    ['too large', { offset: 4, value: 0x7fff_fffe }],
    ['too many', undefined],
  ])('frames that are %s', async (_, size) => {
    const bytes = animatedWebp(CANVAS, size ? [frame()] : Array.from({ length: 20_001 }, () => frame()))
    if (size) {
      bytes.writeUInt32LE(size.value, bytes.indexOf('ANMF') + size.offset)
      bytes.writeUInt32LE(0xffff_fffe, 4)
    }
    await expect(framesOf(bytes)).rejects.toMatchObject({ code: 'media.limits' })
  })
})
