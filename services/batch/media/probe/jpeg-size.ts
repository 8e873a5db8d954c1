import type { Size } from '../plan/geometry.ts'

const START = 0xd8
const END = 0xffd9
const SCAN = 0xda
/** Start-of-frame markers: C0 to CF, but for tables (C4), an extension (C8) and conditioning (CC). */
const isFrame = (marker: number) => marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker)

/** The pixels of a JPEG; undefined when the bytes are none, or do not reach to its end. */
export function jpegSize(bytes: Buffer): Size | undefined {
  if (bytes.length < 4 || bytes[0] !== 0xff || bytes[1] !== START) return undefined
  if (bytes.readUInt16BE(bytes.length - 2) !== END) return undefined
  for (let at = 2; at + 9 <= bytes.length; at += 2 + bytes.readUInt16BE(at + 2)) {
    const marker = bytes[at + 1] ?? 0
    if (bytes[at] !== 0xff || marker === SCAN) return undefined
    if (isFrame(marker)) return { width: bytes.readUInt16BE(at + 7), height: bytes.readUInt16BE(at + 5) }
  }
  return undefined
}
