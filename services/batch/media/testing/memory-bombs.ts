import { crc32, createDeflate, deflateSync } from 'node:zlib'
import { u32 } from './hostile-workspace.ts'

const box = (type: string, ...content: Buffer[]): Buffer => {
  const body = Buffer.concat(content)
  return Buffer.concat([u32(body.length + 8), Buffer.from(type), body])
}
const full = (type: string, ...content: Buffer[]): Buffer => box(type, u32(0), ...content)
const zeros = (count: number) => Buffer.alloc(count)
const MATRIX = Buffer.concat([0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000].map(u32))

/** The boxes of a movie with one audio track, of which the sample table states so many samples in a few bytes. */
function movie(samples: number): Buffer {
  const header = full(
    'mvhd',
    zeros(8),
    u32(1000),
    u32(2000),
    u32(0x10000),
    zeros(12),
    MATRIX,
    zeros(24),
    u32(2),
  )
  const track = full('tkhd', zeros(8), u32(1), u32(0), u32(2000), zeros(16), MATRIX, zeros(8))
  const media = full('mdhd', zeros(8), u32(48_000), u32(96_000), Buffer.from([0x55, 0xc4, 0, 0]))
  const handler = full('hdlr', u32(0), Buffer.from('soun'), zeros(12), Buffer.from('x\0'))
  const format = Buffer.from([0, 1, 0, 16, 0, 0, 0, 0])
  const sowt = box('sowt', zeros(6), Buffer.from([0, 1]), zeros(8), format, u32((48_000 << 16) >>> 0))
  const table = box(
    'stbl',
    full('stsd', u32(1), sowt),
    // Samples of 2 ticks: where they last 1, ffmpeg makes do with an entry for each chunk.
    full('stts', u32(1), u32(samples), u32(2)),
    full('ctts', u32(1), u32(samples), u32(0)),
    full('stsc', u32(1), u32(1), u32(samples), u32(1)),
    full('stsz', u32(2), u32(samples)),
    full('stco', u32(1), u32(48)),
  )
  const reference = box('dinf', full('dref', u32(1), box('url ', u32(1))))
  const information = box('minf', full('smhd', u32(0)), reference, table)
  return Buffer.concat([header, box('trak', track, box('mdia', media, handler, information))])
}

const fileType = (brand: string) => box('ftyp', Buffer.from(brand), u32(512), Buffer.from(brand))
const audio = box('mdat', zeros(4000))

/** An MP4 of 4.5 kB whose index has so many entries: about 33 bytes of memory for each. */
export const indexBomb = (samples: number): Buffer =>
  Buffer.concat([fileType('isom'), audio, box('moov', movie(samples))])

/** A QuickTime file with a compressed header that inflates to so many bytes. */
export async function headerBomb(bytes: number): Promise<Buffer> {
  const padding = bytes - 4096
  const inflated = [u32(bytes), Buffer.from('moov'), movie(10), u32(padding), Buffer.from('free')]
  const compressed = await deflateZeros(Buffer.concat(inflated), padding)
  const parts = box('cmov', box('dcom', Buffer.from('zlib')), box('cmvd', u32(bytes), compressed))
  return Buffer.concat([fileType('qt  '), audio, box('moov', parts)])
}

/** A PNG of 16x16 pixels with a compressed text that inflates to so many bytes. */
export async function textBomb(bytes: number): Promise<Buffer> {
  const chunk = (type: string, data: Buffer) => {
    const body = Buffer.concat([Buffer.from(type), data])
    return Buffer.concat([u32(data.length), body, u32(crc32(body))])
  }
  const text = Buffer.concat([Buffer.from('Comment\0\0'), await deflateZeros(zeros(0), bytes)])
  return Buffer.concat([
    Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'),
    chunk('IHDR', Buffer.concat([u32(16), u32(16), Buffer.from([8, 2, 0, 0, 0])])),
    chunk('zTXt', text),
    chunk('IDAT', deflateSync(zeros(16 * 49))),
    chunk('IEND', zeros(0)),
  ])
}

/** Deflates a head and then so many zeros, in little memory. */
async function deflateZeros(head: Buffer, count: number): Promise<Buffer> {
  const deflate = createDeflate({ level: 9 })
  const block = zeros(1024 ** 2)
  const feed = async () => {
    deflate.write(head)
    for (let left = count; left > 0; left -= block.length) {
      const more = deflate.write(block.subarray(0, Math.min(left, block.length)))
      if (!more) await new Promise((resolve) => deflate.once('drain', resolve))
    }
    deflate.end()
  }
  const feeding = feed()
  const compressed: Buffer[] = []
  for await (const chunk of deflate) compressed.push(chunk)
  await feeding
  return Buffer.concat(compressed)
}
