// Markers: https://www.w3.org/Graphics/JPEG/itu-t81.pdf, table B.1
const START_OF_IMAGE = 0xd8
const END_OF_IMAGE = 0xffd9
const START_OF_SCAN = 0xda
/** C0 to CF, except the tables (C4), the extension (C8) and the conditioning (CC). */
const isStartOfFrame = (marker: number) =>
  marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker)

/** Width and height of a JPEG in pixels; undefined when the bytes are not a complete JPEG. */
export function jpegSize(bytes: Buffer): { width: number; height: number } | undefined {
  if (bytes.length < 4 || bytes[0] !== 0xff || bytes[1] !== START_OF_IMAGE) return undefined
  if (bytes.readUInt16BE(bytes.length - 2) !== END_OF_IMAGE) return undefined
  for (let at = 2; at + 9 <= bytes.length; at += 2 + bytes.readUInt16BE(at + 2)) {
    const marker = bytes[at + 1] ?? 0
    if (bytes[at] !== 0xff || marker === START_OF_SCAN) return undefined
    if (isStartOfFrame(marker)) {
      return { width: bytes.readUInt16BE(at + 7), height: bytes.readUInt16BE(at + 5) }
    }
  }
  return undefined
}
