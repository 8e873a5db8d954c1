/** The boxes that an MP4 or QuickTime file consists of, as far as its index (`moov`) needs them. */

export type Box = { type: string; start: number; end: number }

/** A file, or what is read of one by ranges. */
export type Bytes = Pick<Blob, 'size'> & { slice(from: number, to: number): Pick<Blob, 'arrayBuffer'> }

const MAX_INDEX_BYTES = 64 * 2 ** 20
const MAX_BOXES = 1_000

/** The index of a file, or undefined where there is none, or one that is too large to read. */
export async function readIndex(file: Bytes): Promise<DataView | undefined> {
  const moov = await findBox(file, 'moov')
  if (!moov || moov.end - moov.start > MAX_INDEX_BYTES) return undefined
  return new DataView(await file.slice(moov.start, moov.end).arrayBuffer())
}

/** A box at the top level of the file, without its header. */
async function findBox(file: Bytes, wanted: string): Promise<Box | undefined> {
  for (let at = 0, count = 0; at + 8 <= file.size && count < MAX_BOXES; count++) {
    const header = new DataView(await file.slice(at, at + 16).arrayBuffer())
    const { type, size, headerBytes } = headerOf(header, 0, file.size - at)
    if (size < headerBytes) return undefined
    if (type === wanted) return { type, start: at + headerBytes, end: Math.min(at + size, file.size) }
    at += size
  }
  return undefined
}

/** Size 1 means that 64 bits follow, 0 that the box goes on to the end. */
function headerOf(view: DataView, at: number, left: number) {
  const type = String.fromCharCode(...[4, 5, 6, 7].map((offset) => view.getUint8(at + offset)))
  const size = view.getUint32(at)
  if (size === 1 && at + 16 <= view.byteLength) {
    return { type, size: Number(view.getBigUint64(at + 8)), headerBytes: 16 }
  }
  return { type, size: size === 0 ? left : size, headerBytes: 8 }
}

function boxesIn(view: DataView, start: number, end: number): Box[] {
  const boxes: Box[] = []
  for (let at = start; at + 8 <= end && boxes.length < MAX_BOXES; ) {
    const { type, size, headerBytes } = headerOf(view, at, end - at)
    if (size < headerBytes || at + size > end) break
    boxes.push({ type, start: at + headerBytes, end: at + size })
    at += size
  }
  return boxes
}

/** The first box along a path of types. */
export function inside(view: DataView, box: Box | undefined, ...path: string[]): Box | undefined {
  return path.reduce<Box | undefined>(
    (outer, type) => outer && boxesIn(view, outer.start, outer.end).find((inner) => inner.type === type),
    box,
  )
}

/** The tracks of an index whose handler is this one, such as `vide` or `soun`. */
export function tracksOf(view: DataView, handler: string): Box[] {
  return boxesIn(view, 0, view.byteLength).filter((track) => {
    const header = track.type === 'trak' && inside(view, track, 'mdia', 'hdlr')
    return header && header.end - header.start >= 12 && textAt(view, header.start + 8) === handler
  })
}

const textAt = (view: DataView, at: number) =>
  String.fromCharCode(...[0, 1, 2, 3].map((offset) => view.getUint8(at + offset)))

/** Ticks per second of a track; undefined when it does not say. */
export function timescaleOf(view: DataView, track: Box): number | undefined {
  const header = inside(view, track, 'mdia', 'mdhd')
  if (!header) return undefined
  const at = header.start + (view.getUint8(header.start) === 1 ? 20 : 12)
  return view.getUint32(at) || undefined
}

/** The rows of a table such as `stts`: a count, then rows of so many 32-bit numbers. `skip`: bytes before the count. */
export function* rowsOf(
  view: DataView,
  box: Box | undefined,
  columns: number,
  skip = 4,
): Generator<readonly number[]> {
  if (!box || box.end - box.start < skip + 4) return
  const first = box.start + skip + 4
  const width = columns * 4
  const rows = Math.min(view.getUint32(box.start + skip), Math.floor((box.end - first) / width))
  for (let row = 0; row < rows; row++) {
    yield Array.from({ length: columns }, (_, column) => view.getUint32(first + row * width + column * 4))
  }
}
