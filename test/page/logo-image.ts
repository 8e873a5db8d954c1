import { crc32, deflateSync } from 'node:zlib'

const [WIDTH, HEIGHT] = [120, 60]

/** An image with a transparent edge, as a file that a person chooses. */
export function logoImage(): { name: string; mimeType: string; buffer: Buffer } {
  const rows = Array.from({ length: HEIGHT }, (_, y) =>
    Buffer.concat([Buffer.of(0), ...Array.from({ length: WIDTH }, (_, x) => pixel(x, y))]),
  )
  const header = Buffer.alloc(13)
  header.writeUInt32BE(WIDTH, 0)
  header.writeUInt32BE(HEIGHT, 4)
  // Eight bits of red, green, blue and alpha.
  header.set([8, 6, 0, 0, 0], 8)
  const signature = Buffer.from('\x89PNG\r\n\x1a\n', 'latin1')
  const chunks = [chunk('IHDR', header), chunk('IDAT', deflateSync(Buffer.concat(rows))), chunk('IEND')]
  return { name: 'logo.png', mimeType: 'image/png', buffer: Buffer.concat([signature, ...chunks]) }
}

const isEdge = (x: number, y: number) => x < 6 || y < 6 || x >= WIDTH - 6 || y >= HEIGHT - 6
const pixel = (x: number, y: number) => (isEdge(x, y) ? Buffer.of(0, 0, 0, 0) : Buffer.of(255, 140, 0, 255))

function chunk(type: string, data = Buffer.alloc(0)): Buffer {
  const content = Buffer.concat([Buffer.from(type, 'latin1'), data])
  const [length, checksum] = [Buffer.alloc(4), Buffer.alloc(4)]
  length.writeUInt32BE(data.length)
  checksum.writeUInt32BE(crc32(content))
  return Buffer.concat([length, content, checksum])
}
