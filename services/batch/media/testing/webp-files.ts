/** A frame of an animated WebP as it is written: its still image, and what its header states. */
export type WrittenFrame = {
  still: Buffer
  x?: number
  y?: number
  width: number
  height: number
  ms?: number
  replaces?: boolean
  clears?: boolean
}

/** An animated WebP. `more`: chunks behind the frames. */
export function animatedWebp(
  canvas: { width: number; height: number },
  frames: WrittenFrame[],
  more: Buffer[] = [],
): Buffer {
  const extended = Buffer.concat([
    Buffer.from([0x12, 0, 0, 0]),
    u24(canvas.width - 1),
    u24(canvas.height - 1),
  ])
  return riff([
    webpChunk('VP8X', extended),
    webpChunk('ANIM', Buffer.alloc(6)),
    ...frames.map(frameChunk),
    ...more,
  ])
}

function frameChunk(frame: WrittenFrame): Buffer {
  const { still, x = 0, y = 0, width, height, ms = 100, replaces = false, clears = false } = frame
  const flags = Buffer.from([(replaces ? 2 : 0) + (clears ? 1 : 0)])
  const header = [u24(x / 2), u24(y / 2), u24(width - 1), u24(height - 1), u24(ms), flags]
  return webpChunk('ANMF', Buffer.concat([...header, ...imageChunks(still)]))
}

/** The chunks of a still WebP that belong into a frame. */
function imageChunks(still: Buffer): Buffer[] {
  const chunks: Buffer[] = []
  for (let at = 12; at + 8 <= still.length; ) {
    const end = at + 8 + still.readUInt32LE(at + 4)
    const padded = end + (end % 2)
    if (still.toString('latin1', at, at + 4) !== 'VP8X') chunks.push(still.subarray(at, padded))
    at = padded
  }
  return chunks
}

/** A still WebP that states its size and has no image: enough for everything that decodes nothing. */
export function undecodableStill({ width, height }: { width: number; height: number }): Buffer {
  const data = Buffer.alloc(10)
  data[0] = 0x2f
  data.writeUInt32LE((width - 1) | ((height - 1) << 14), 1)
  return riff([webpChunk('VP8L', data)])
}

export function webpChunk(type: string, data: Buffer): Buffer {
  const size = Buffer.alloc(4)
  size.writeUInt32LE(data.length)
  return Buffer.concat([Buffer.from(type, 'latin1'), size, data, Buffer.alloc(data.length % 2)])
}

function riff(chunks: Buffer[]): Buffer {
  return webpChunk('RIFF', Buffer.concat([Buffer.from('WEBP'), ...chunks]))
}

function u24(value: number): Buffer {
  const bytes = Buffer.alloc(3)
  bytes.writeUIntLE(value, 0, 3)
  return bytes
}
