/** Builds the boxes of MP4 files. */

export const u32 = (...numbers: number[]): Buffer => {
  const buffer = Buffer.alloc(numbers.length * 4)
  for (const [i, number] of numbers.entries()) buffer.writeUInt32BE(number >>> 0, i * 4)
  return buffer
}

export const box = (type: string, ...content: Buffer[]): Buffer => {
  const body = Buffer.concat(content)
  return Buffer.concat([u32(body.length + 8), Buffer.from(type, 'latin1'), body])
}

/** A track with this handler and these tables of samples; `before` stands before the media. */
export const trackOf = (handler: string, scale: number, tables: Buffer[], before: Buffer[] = []): Buffer =>
  box(
    'trak',
    ...before,
    box(
      'mdia',
      box('mdhd', u32(0, 0, 0, scale, 0, 0)),
      box('hdlr', u32(0, 0), Buffer.from(handler, 'latin1'), u32(0, 0, 0)),
      box('minf', box('stbl', ...tables)),
    ),
  )

export const fileOf = (...parts: Buffer[]): Blob => new Blob([Buffer.concat(parts) as Buffer<ArrayBuffer>])

/** The content of a `moov` box, as `readIndex` returns it. */
export const indexOf = (...tracks: Buffer[]): DataView => {
  const bytes = Buffer.concat(tracks)
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}
