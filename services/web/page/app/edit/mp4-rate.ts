/**
 * The frame rate of an MP4 or QuickTime file, read from its index in the file itself: browsers do not tell. Other containers give
 * undefined, and the service's probe answers when the upload is complete.
 */
export async function mp4Rate(file: Blob): Promise<number | undefined> {
  const moov = await findBox(file, 'moov')
  if (!moov || moov.end - moov.start > MAX_INDEX_BYTES) return undefined
  const view = new DataView(await file.slice(moov.start, moov.end).arrayBuffer())
  for (const track of boxesIn(view, 0, view.byteLength).filter(({ type }) => type === 'trak')) {
    const rate = trackRate(view, track)
    if (rate !== undefined) return rate
  }
  return undefined
}

const MAX_INDEX_BYTES = 64 * 2 ** 20
const MAX_BOXES = 1_000

type Box = { type: string; start: number; end: number }

/** A box at the top level of the file, without its header. */
async function findBox(file: Blob, wanted: string): Promise<Box | undefined> {
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

function inside(view: DataView, box: Box | undefined, type: string): Box | undefined {
  return box && boxesIn(view, box.start, box.end).find((inner) => inner.type === type)
}

/** Frames by their duration, from `stts`, in the time scale of `mdhd`. Undefined for audio and other tracks. */
function trackRate(view: DataView, track: Box): number | undefined {
  const media = inside(view, track, 'mdia')
  const handler = inside(view, media, 'hdlr')
  const header = inside(view, media, 'mdhd')
  const times = inside(view, inside(view, inside(view, media, 'minf'), 'stbl'), 'stts')
  if (!handler || !header || !times || view.getUint32(handler.start + 8) !== VIDEO_HANDLER) return undefined
  const scale = view.getUint32(header.start + (view.getUint8(header.start) === 1 ? 20 : 12))
  const entries = Math.min(view.getUint32(times.start + 4), Math.floor((times.end - times.start - 8) / 8))
  let [frames, ticks] = [0, 0]
  for (let i = 0; i < entries; i++) {
    const count = view.getUint32(times.start + 8 + i * 8)
    frames += count
    ticks += count * view.getUint32(times.start + 12 + i * 8)
  }
  return ticks > 0 && frames > 0 && scale > 0 ? (frames * scale) / ticks : undefined
}

/** `vide` */
const VIDEO_HANDLER = 0x76_69_64_65
