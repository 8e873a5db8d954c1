import { unreadableSource } from '../unreadable-source.ts'

/** Where a frame is on its canvas, in pixels; how long it is shown; and what it does to the frame before and after it. */
export type FramePlacement = {
  x: number
  y: number
  width: number
  height: number
  /** How long it is shown: milliseconds. */
  ms: number
  /** Whether it is drawn over what the canvas shows, by its alpha; else it replaces that. */
  blends: boolean
  /** Whether its rectangle becomes transparent before the next frame. */
  clears: boolean
}

/** A frame, with its image as a still WebP. */
export type WebpFrame = FramePlacement & { image: Buffer }

const PLACEMENT_BYTES = 16
const CHUNK_HEADER_BYTES = 8
const CLEARS_FLAG = 0x01
const REPLACES_FLAG = 0x02
const ALPHA_FLAG = 0x10

/** Browsers show frames of so many milliseconds or fewer for the time of the second figure. */
const SHORTEST_MS = 10
const SHORT_MS = 100

/**
 * The frame that an ANMF chunk holds.
 * @throws CutroomError `media.unreadable` when it does not fit its canvas, or its image is another one than it states.
 */
export function parseFrame(payload: Buffer, canvas: { width: number; height: number }): WebpFrame {
  if (payload.length < PLACEMENT_BYTES) throw damaged('a frame is too short')
  const flags = payload[15] ?? 0
  const ms = payload.readUIntLE(12, 3)
  const placement = {
    x: 2 * payload.readUIntLE(0, 3),
    y: 2 * payload.readUIntLE(3, 3),
    width: 1 + payload.readUIntLE(6, 3),
    height: 1 + payload.readUIntLE(9, 3),
    ms: ms <= SHORTEST_MS ? SHORT_MS : ms,
    blends: (flags & REPLACES_FLAG) === 0,
    clears: (flags & CLEARS_FLAG) !== 0,
  }
  const { x, y, width, height } = placement
  if (x + width > canvas.width || y + height > canvas.height) throw damaged('a frame exceeds its canvas')
  const chunks = listChunks(payload.subarray(PLACEMENT_BYTES))
  const image = chunks.find(({ type }) => type === 'VP8 ' || type === 'VP8L')
  const size = image && imageSize(image)
  if (!image || size?.width !== width || size.height !== height) {
    throw damaged('the image of a frame is missing or has another size')
  }
  const alpha = image.type === 'VP8 ' ? chunks.find(({ type }) => type === 'ALPH') : undefined
  return { ...placement, image: toStill(alpha ? [extendedHeader(placement), alpha, image] : [image]) }
}

type Chunk = { type: string; data: Buffer }

function listChunks(bytes: Buffer): Chunk[] {
  const chunks: Chunk[] = []
  for (let at = 0; at + CHUNK_HEADER_BYTES <= bytes.length; ) {
    const size = bytes.readUInt32LE(at + 4)
    const end = at + CHUNK_HEADER_BYTES + size
    if (end > bytes.length) throw damaged('the image of a frame exceeds it')
    chunks.push({
      type: bytes.toString('latin1', at, at + 4),
      data: bytes.subarray(at + CHUNK_HEADER_BYTES, end),
    })
    at = end + (size % 2)
  }
  return chunks
}

/** The size that a bitstream has by its own header; undefined when that is not one. */
function imageSize({ type, data }: Chunk): { width: number; height: number } | undefined {
  if (data.length < 10) return undefined
  if (type === 'VP8L') {
    // https://developers.google.com/speed/webp/docs/webp_lossless_bitstream_specification#3_riff_header
    if (data[0] !== 0x2f) return undefined
    const bits = data.readUInt32LE(1)
    return { width: 1 + (bits & 0x3fff), height: 1 + ((bits >>> 14) & 0x3fff) }
  }
  // https://www.rfc-editor.org/rfc/rfc6386#section-9.1
  const isKeyFrame = ((data[0] ?? 1) & 1) === 0
  if (!isKeyFrame || data.readUIntBE(3, 3) !== 0x9d012a) return undefined
  return { width: data.readUInt16LE(6) & 0x3fff, height: data.readUInt16LE(8) & 0x3fff }
}

function extendedHeader({ width, height }: FramePlacement): Chunk {
  const data = Buffer.alloc(10)
  data[0] = ALPHA_FLAG
  data.writeUIntLE(width - 1, 4, 3)
  data.writeUIntLE(height - 1, 7, 3)
  return { type: 'VP8X', data }
}

function toStill(chunks: Chunk[]): Buffer {
  const body = chunks.flatMap(({ type, data }) => [
    Buffer.from(type, 'latin1'),
    u32(data.length),
    data,
    Buffer.alloc(data.length % 2),
  ])
  const length = body.reduce((sum, each) => sum + each.length, 4)
  return Buffer.concat([Buffer.from('RIFF'), u32(length), Buffer.from('WEBP'), ...body])
}

function u32(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32LE(value)
  return bytes
}

const damaged = (why: string) => unreadableSource(`it is an animated WebP that is damaged: ${why}`)
