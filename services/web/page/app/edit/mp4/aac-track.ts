import { type Box, inside, rowsOf, timescaleOf, tracksOf } from './boxes.ts'

/** The AAC audio of an MP4: where its frames are in the file, and what a decoder needs to know. */
export type AacTrack = {
  objectType: number
  /** Index into the table of sample rates that AAC has. */
  rateIndex: number
  channels: number
  /** Of one frame. */
  seconds: number
  offsets: Float64Array
  sizes: Uint32Array
}

/** Three days of AAC at 48 kHz: a count that a damaged file claims must not fill the memory. */
const MAX_FRAMES = 12_000_000
const SAMPLES_IN_FRAME = 1024

/** Whether an index has audio of any kind. */
export const hasAudio = (index: DataView): boolean => tracksOf(index, 'soun').length > 0

/** The first audio track, if it is AAC and not fragmented; undefined otherwise. */
export function aacTrackOf(index: DataView): AacTrack | undefined {
  const [track] = tracksOf(index, 'soun')
  const table = inside(index, track, 'mdia', 'minf', 'stbl')
  const scale = track && timescaleOf(index, track)
  const config = configOf(index, inside(index, table, 'stsd'))
  if (!table || !scale || !config) return undefined
  const sizes = sizesOf(index, inside(index, table, 'stsz'))
  if (sizes.length === 0) return undefined
  return { ...config, seconds: SAMPLES_IN_FRAME / scale, sizes, offsets: offsetsOf(index, table, sizes) }
}

function sizesOf(index: DataView, box: Box | undefined): Uint32Array {
  if (!box || box.end - box.start < 12) return new Uint32Array()
  const [same, count] = [index.getUint32(box.start + 4), index.getUint32(box.start + 8)]
  if (same > 0) return new Uint32Array(Math.min(count, MAX_FRAMES)).fill(same)
  const listed = Math.min(count, MAX_FRAMES, Math.floor((box.end - box.start - 12) / 4))
  return Uint32Array.from({ length: listed }, (_, frame) => index.getUint32(box.start + 12 + frame * 4))
}

/** Frames stand one after the other in chunks; `stsc` says how many are in each, `stco` or `co64` where it begins. */
function offsetsOf(index: DataView, table: Box, sizes: Uint32Array): Float64Array {
  const offsets = new Float64Array(sizes.length)
  const runs = [...rowsOf(index, inside(index, table, 'stsc'), 3)]
  let [frame, chunk, run] = [0, 0, 0]
  for (const start of chunkOffsets(index, table)) {
    chunk += 1
    while ((runs[run + 1]?.[0] ?? Number.POSITIVE_INFINITY) <= chunk) run += 1
    let at = start
    const end = Math.min(sizes.length, frame + (runs[run]?.[1] ?? 0))
    for (; frame < end; frame++) {
      offsets[frame] = at
      at += sizes[frame] ?? 0
    }
  }
  return offsets.subarray(0, frame)
}

function* chunkOffsets(index: DataView, table: Box): Generator<number> {
  for (const [offset = 0] of rowsOf(index, inside(index, table, 'stco'), 1)) yield offset
  for (const [high = 0, low = 0] of rowsOf(index, inside(index, table, 'co64'), 2)) yield high * 2 ** 32 + low
}

/** Bytes of a sample description before its own boxes, by the version that QuickTime has. */
const ENTRY_BYTES = [28, 44, 64]

function configOf(index: DataView, description: Box | undefined) {
  if (!description || description.end - description.start < 8 + 8 + 28) return undefined
  const entry = description.start + 8
  const version = index.getUint16(entry + 16)
  const boxes = { type: 'mp4a', start: entry + 8 + (ENTRY_BYTES[version] ?? 28), end: description.end }
  const esds = inside(index, boxes, 'esds') ?? inside(index, boxes, 'wave', 'esds')
  const at = esds && decoderConfigAt(index, esds)
  return at === undefined ? undefined : parseConfig(index, at)
}

/** Where the AudioSpecificConfig is: descriptors 3, 4 and 5 stand in each other. */
function decoderConfigAt(index: DataView, { start, end }: Box): number | undefined {
  const skipped: Record<number, number> = { 3: 3, 4: 13 }
  for (let at = start + 4; at + 2 < end; ) {
    const tag = index.getUint8(at++)
    while (at < end && index.getUint8(at) & 0x80) at++
    at++
    if (tag === 5) return at + 2 <= end ? at : undefined
    const bytes = skipped[tag]
    if (bytes === undefined) return undefined
    at += bytes
  }
  return undefined
}

/** ISO 14496-3: 5 bits of object type, 4 of the rate's index, 4 of channels. What says more is left to the decoder. */
function parseConfig(index: DataView, at: number) {
  const bits = index.getUint16(at)
  const [objectType, rateIndex, channels] = [bits >> 11, (bits >> 7) & 15, (bits >> 3) & 15]
  // HE-AAC is AAC-LC with additions that a decoder finds by itself.
  const core = objectType === 5 || objectType === 29 ? 2 : objectType
  if (core < 1 || core > 4 || rateIndex > 12 || channels < 1 || channels > 7) return undefined
  return { objectType: core, rateIndex, channels }
}

/** The frames from `first` to before `end`, in runs that stand together in the file; `from` and `to` are bytes. */
export function contiguousRanges(
  { offsets, sizes }: Pick<AacTrack, 'offsets' | 'sizes'>,
  first: number,
  end: number,
): { first: number; end: number; from: number; to: number }[] {
  const ranges: { first: number; end: number; from: number; to: number }[] = []
  for (let frame = first; frame < end; frame++) {
    const [from = 0, size = 0] = [offsets[frame], sizes[frame]]
    const last = ranges.at(-1)
    if (last?.to === from) Object.assign(last, { end: frame + 1, to: from + size })
    else ranges.push({ first: frame, end: frame + 1, from, to: from + size })
  }
  return ranges
}

export const ADTS_HEADER_BYTES = 7

/** The header that makes a stream of its own out of frames: ADTS. */
export function adtsHeader(
  { objectType, rateIndex, channels }: Pick<AacTrack, 'objectType' | 'rateIndex' | 'channels'>,
  frameBytes: number,
): Uint8Array<ArrayBuffer> {
  const bytes = frameBytes + ADTS_HEADER_BYTES
  return Uint8Array.of(
    0xff,
    0xf1,
    ((objectType - 1) << 6) | (rateIndex << 2) | (channels >> 2),
    ((channels & 3) << 6) | (bytes >> 11),
    (bytes >> 3) & 0xff,
    ((bytes & 7) << 5) | 0x1f,
    0xfc,
  )
}
