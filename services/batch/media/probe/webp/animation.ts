import { CutroomError } from '#shared/errors.ts'
import { unreadableSource } from '../unreadable-source.ts'
import { type ByteReader, createByteReader } from './byte-reader.ts'
import { parseFrame, type WebpFrame } from './frame.ts'

/** An animated WebP: its canvas in pixels, the bytes of the file by its header, and its frames in order. */
export type WebpAnimation = {
  width: number
  height: number
  bytes: number
  frames: AsyncGenerator<WebpFrame, void, undefined>
}

const HEADER_BYTES = 12
const CHUNK_HEADER_BYTES = 8
const VP8X_BYTES = 10
const ANIMATION_FLAG = 0x02
/** No more than that of one frame is in memory. */
const MAX_FRAME_BYTES = 64 * 1024 ** 2
/** Hours of a sticker; each frame may cost as much as a whole canvas. */
const MAX_FRAMES = 20_000

/**
 * Opens an animated WebP; undefined for any other file, of which only the beginning is read then.
 * https://developers.google.com/speed/webp/docs/riff_container
 * @throws CutroomError, from `frames`: `media.unreadable` for a file that is damaged or cut off, `media.limits` for one with too
 * many or too large frames.
 */
export async function openAnimation(file: AsyncIterable<Uint8Array>): Promise<WebpAnimation | undefined> {
  const reader = createByteReader(file)
  const header = await reader.take(HEADER_BYTES + CHUNK_HEADER_BYTES + VP8X_BYTES)
  if (!header || !isAnimated(header)) {
    await reader.close()
    return undefined
  }
  const canvas = { width: 1 + header.readUIntLE(24, 3), height: 1 + header.readUIntLE(27, 3) }
  const bytes = CHUNK_HEADER_BYTES + header.readUInt32LE(4)
  const rest = HEADER_BYTES + CHUNK_HEADER_BYTES + padded(header.readUInt32LE(16))
  const frames = readFrames(reader, { canvas, position: header.length, firstChunk: rest, end: bytes })
  return { ...canvas, bytes, frames }
}

const isAnimated = (header: Buffer): boolean =>
  header.toString('latin1', 0, 4) === 'RIFF' &&
  header.toString('latin1', 8, 16) === 'WEBPVP8X' &&
  header.readUInt32LE(16) >= VP8X_BYTES &&
  ((header[20] ?? 0) & ANIMATION_FLAG) !== 0

/** Chunks have an even number of bytes. */
const padded = (bytes: number): number => bytes + (bytes % 2)

type FrameRange = {
  canvas: { width: number; height: number }
  /** How much of the file has been read, where its next chunk begins, and where the last ends. */
  position: number
  firstChunk: number
  end: number
}

async function* readFrames(
  reader: ByteReader,
  { canvas, position: read, firstChunk, end }: FrameRange,
): AsyncGenerator<WebpFrame, void, undefined> {
  try {
    let count = 0
    let position = read
    const skipTo = async (next: number) => {
      // The byte that pads the last chunk may be missing.
      if ((await reader.skip(next - position)) < next - position && next < end) throw cutOff(count)
      position = next
    }
    await skipTo(firstChunk)
    while (position + CHUNK_HEADER_BYTES <= end) {
      const header = await reader.take(CHUNK_HEADER_BYTES)
      if (!header) throw cutOff(count)
      const size = header.readUInt32LE(4)
      const body = position + CHUNK_HEADER_BYTES
      position = body
      if (header.toString('latin1', 0, 4) === 'ANMF') {
        if (size > MAX_FRAME_BYTES || count === MAX_FRAMES) throw tooLarge()
        const payload = await reader.take(size)
        if (!payload) throw cutOff(count)
        position += size
        yield parseFrame(payload, canvas)
        count += 1
      }
      await skipTo(body + padded(size))
    }
    if (count === 0) throw unreadableSource('it is an animated WebP without frames')
  } finally {
    await reader.close()
  }
}

const cutOff = (frames: number) =>
  unreadableSource(`it is an animated WebP that was cut off behind ${frames} frames`)

const tooLarge = () =>
  new CutroomError(
    'media.limits',
    `The source exceeds a limit: an animated WebP may have ${MAX_FRAMES} frames of ${MAX_FRAME_BYTES / 1024 ** 2} MB. ` +
      'Shorten, scale down or simplify it first.',
  )
