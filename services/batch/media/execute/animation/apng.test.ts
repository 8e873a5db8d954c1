import { inflateSync } from 'node:zlib'
import { expect, test } from '@jest/globals'
import type { FramePlacement } from '../../probe/webp/frame.ts'
import { MissingFrames, toApng } from './apng.ts'

const CANVAS = { width: 4, height: 3 }
const aFrame = (more: Partial<FramePlacement>): FramePlacement => ({
  ...{ x: 0, y: 0, width: 2, height: 1, ms: 40, blends: true, clears: false },
  ...more,
})

const PIXEL = [10, 20, 30, 40]
const OTHER = [11, 22, 33, 44]
/** Raw images of 2x2, of which the first row belongs to the frame. */
const image = Buffer.from([...PIXEL, ...OTHER, ...PIXEL, ...PIXEL])

async function apngOf(frames: FramePlacement[], pixels: Buffer): Promise<Buffer> {
  async function* pieces() {
    for (let at = 0; at < pixels.length; at += 7) yield pixels.subarray(at, at + 7)
  }
  const written: Buffer[] = []
  for await (const part of toApng({ canvas: CANVAS, frames, raw: { width: 2, height: 2 } }, pieces())) {
    written.push(part)
  }
  return Buffer.concat(written)
}

/** The chunks of a PNG; those of one image, of which there may be several, as one, without their sequence numbers. */
function chunksOf(png: Buffer): { type: string; data: Buffer }[] {
  const chunks: { type: string; data: Buffer }[] = []
  for (let at = 8; at < png.length; ) {
    const length = png.readUInt32BE(at)
    const type = png.toString('latin1', at + 4, at + 8)
    const data = png.subarray(at + 8 + (type === 'fdAT' ? 4 : 0), at + 8 + length)
    const last = chunks.at(-1)
    if (last?.type === type) last.data = Buffer.concat([last.data, data])
    else chunks.push({ type, data })
    at += 12 + length
  }
  return chunks
}

test('the first frame is as large as the canvas, and the others are where they were', async () => {
  const frames = [aFrame({ x: 2, y: 1, clears: true }), aFrame({ x: 1, y: 2, ms: 100_000 })]
  const chunks = chunksOf(await apngOf(frames, Buffer.concat([image, image])))
  expect(chunks.map(({ type }) => type)).toEqual(['IHDR', 'acTL', 'fcTL', 'IDAT', 'fcTL', 'fdAT', 'IEND'])
  const [, count, first, whole, second, part] = chunks.map(({ data }) => data)
  expect(count?.readUInt32BE(0)).toBe(2)
  const controls = [first, second].map((data) => [
    ...[4, 8, 12, 16].map((at) => data?.readUInt32BE(at)),
    ...[data?.readUInt16BE(20), data?.readUInt16BE(22), data?.[24], data?.[25]],
  ])
  expect(controls).toEqual([
    [4, 3, 0, 0, 40, 1000, 1, 0],
    [2, 1, 1, 2, 10_000, 100, 0, 1],
  ])
  const difference = [1, 2, 3, 4]
  const empty = [1, ...Array(16).fill(0)]
  expect([...inflateSync(whole ?? '')]).toEqual([
    ...empty,
    ...[1, ...Array(8).fill(0), ...PIXEL, ...difference],
    ...empty,
  ])
  expect([...inflateSync(part ?? '')]).toEqual([1, ...PIXEL, ...difference])
})

test.each([0, 8, 20])('frames that end after %s bytes are missing', async (length) => {
  await expect(apngOf([aFrame({}), aFrame({})], Buffer.alloc(length))).rejects.toBeInstanceOf(MissingFrames)
})
