import { pipeline, Readable } from 'node:stream'
import { crc32, createDeflate } from 'node:zlib'
import type { Size } from '../../plan/geometry.ts'
import { type ByteReader, createByteReader } from '../../probe/webp/byte-reader.ts'
import type { FramePlacement } from '../../probe/webp/frame.ts'

/** `raw` is the size of the images that the pixels come in, each frame at its top left. */
export type RawAnimation = { canvas: Size; frames: readonly FramePlacement[]; raw: Size }

/** The pixels end before the last frame does. */
export class MissingFrames extends Error {}

const BYTES_PER_PIXEL = 4
/** Rows are compressed together, in about so many bytes. */
const BATCH_BYTES = 256 * 1024

/**
 * An animated PNG of frames whose pixels arrive as RGBA, none of which is kept: both formats put frames together in the same way.
 * https://www.w3.org/TR/png-3/#apng-frame-based-animation
 * @throws MissingFrames
 */
export async function* toApng(
  { canvas, frames, raw }: RawAnimation,
  pixels: AsyncIterable<Uint8Array>,
): AsyncGenerator<Buffer> {
  const reader = createByteReader(pixels)
  let sequence = 0
  yield Buffer.from('\x89PNG\r\n\x1a\n', 'latin1')
  yield chunk('IHDR', u32(canvas.width), u32(canvas.height), Buffer.from([8, 6, 0, 0, 0]))
  yield chunk('acTL', u32(frames.length), u32(0))
  for (const [index, frame] of frames.entries()) {
    // The first frame is the image that programs without animation show, and so has the size of the canvas.
    const target = index === 0 ? { ...frame, x: 0, y: 0, ...canvas, blends: false } : frame
    yield chunk('fcTL', u32(sequence++), frameControl(target))
    const rows = paddedRows(readRows(reader, frame, raw), frame, target)
    for await (const data of compressed(rows)) {
      yield index === 0 ? chunk('IDAT', data) : chunk('fdAT', u32(sequence++), data)
    }
  }
  yield chunk('IEND')
}

function frameControl({ width, height, x, y, ms, blends, clears }: FramePlacement): Buffer {
  const { duration, perSecond } = delay(ms)
  const end = Buffer.from([0, 0, 0, 0, clears ? 1 : 0, blends ? 1 : 0])
  end.writeUInt16BE(duration, 0)
  end.writeUInt16BE(perSecond, 2)
  return Buffer.concat([u32(width), u32(height), u32(x), u32(y), end])
}

const MAX_DELAY = 0xffff

/** Milliseconds as a number of 16 bits, of the finest unit in which they fit. */
function delay(ms: number): { duration: number; perSecond: number } {
  const perSecond = [1000, 100, 10].find((unit) => (ms * unit) / 1000 <= MAX_DELAY) ?? 1
  return { duration: Math.round((ms * perSecond) / 1000), perSecond }
}

/** The rows of a frame, many at a time, without what is beside and below it in its image. */
async function* readRows(reader: ByteReader, { width, height }: Size, raw: Size): AsyncGenerator<Buffer[]> {
  const stride = raw.width * BYTES_PER_PIXEL
  const batch = Math.max(1, Math.floor(BATCH_BYTES / stride))
  for (let row = 0; row < height; row += batch) {
    const rows = Math.min(batch, height - row)
    const bytes = await reader.take(rows * stride)
    if (!bytes) throw new MissingFrames()
    yield Array.from({ length: rows }, (_, i) =>
      bytes.subarray(i * stride, i * stride + width * BYTES_PER_PIXEL),
    )
  }
  const below = (raw.height - height) * stride
  if ((await reader.skip(below)) < below) throw new MissingFrames()
}

/** The rows as PNG filters them, with transparent pixels around them where it is put on something larger. */
async function* paddedRows(
  batches: AsyncIterable<Buffer[]>,
  { x, y, width, height }: FramePlacement,
  target: Size,
): AsyncGenerator<Buffer> {
  const isPadded = target.width > width || target.height > height
  const row = (pixels: Buffer, at: number): Buffer => {
    const bytes = Buffer.alloc(1 + target.width * BYTES_PER_PIXEL)
    pixels.copy(bytes, 1 + at * BYTES_PER_PIXEL)
    return filtered(bytes)
  }
  const empty = () => row(Buffer.alloc(0), 0)
  for (let i = 0; isPadded && i < y; i++) yield empty()
  for await (const rows of batches) yield Buffer.concat(rows.map((pixels) => row(pixels, isPadded ? x : 0)))
  for (let i = y + height; isPadded && i < target.height; i++) yield empty()
}

/** PNG's filter Sub: each byte becomes the difference from the one of the pixel before. */
function filtered(row: Buffer): Buffer {
  row[0] = 1
  for (let i = row.length - 1; i > BYTES_PER_PIXEL; i--) {
    row[i] = (row[i] ?? 0) - (row[i - BYTES_PER_PIXEL] ?? 0)
  }
  return row
}

function compressed(rows: AsyncIterable<Buffer>): AsyncIterable<Buffer> {
  const deflate = createDeflate({ level: 1, chunkSize: 64 * 1024 })
  // What goes wrong is thrown where the result is read.
  pipeline(Readable.from(rows, { objectMode: false }), deflate, () => {})
  return deflate
}

function chunk(type: string, ...data: Buffer[]): Buffer {
  const typed = Buffer.concat([Buffer.from(type, 'latin1'), ...data])
  return Buffer.concat([u32(typed.length - type.length), typed, u32(crc32(typed))])
}

function u32(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(value)
  return bytes
}
