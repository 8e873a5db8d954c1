import { open } from 'node:fs/promises'
import type { MediaInfo } from '#shared/contract/media-info.ts'
import type { FfprobeOutput } from '../ffprobe-output.ts'
import type { MediaInput } from '../media-input.ts'
import {
  beforeLastFrames,
  earlierStart,
  type LastPacket,
  type ListedFrames,
  lastGroup,
  lastPacketOptions,
  listedFrames,
  parseLastPackets,
  withLastFrames,
} from './last-frames.ts'

/** Prints packets of some places of a file; nothing where they are not found. */
export type SamplePackets = (input: MediaInput, options: string[], signal: AbortSignal) => Promise<string>

/** The last frames are looked for at so many places, each before the other. */
const MAX_STEPS = 8

/**
 * Looks for the last frames of a file, whose lengths the index of an MP4 may state wrongly. Returns the source with the right ones,
 * or undefined where they were right. What was printed about the last group of frames saves reading it.
 */
export async function findLastFrames(
  input: MediaInput,
  { info, printed }: { info: MediaInfo; printed: FfprobeOutput },
  samplePackets: SamplePackets,
  signal: AbortSignal,
): Promise<MediaInfo | undefined> {
  const listed = listedFrames(printed, info)
  if (!listed) return undefined
  const packets = lastGroup(printed, listed) ?? (await readPackets(listed))
  return withLastFrames(info, packets, listed, printed.format.start_time)

  async function readPackets(listed: ListedFrames): Promise<LastPacket[]> {
    let packets: LastPacket[] = []
    let from: number | undefined = beforeLastFrames(listed)
    for (let step = 0; step < MAX_STEPS && from !== undefined; step++) {
      packets = parseLastPackets(await samplePackets(input, lastPacketOptions(listed, from), signal))
      from = earlierStart(packets, listed)
    }
    return packets
  }
}

/**
 * Whether a file is on disk and begins with the box `ftyp`, as MP4 and MOV do since 2001: reading its end then takes far less time than
 * another start of ffprobe. Whoever probes the file tells why it cannot be read.
 */
export async function isLocalMp4({ url }: MediaInput): Promise<boolean> {
  if (!url.startsWith(LOCAL)) return false
  try {
    await using file = await open(url.slice(LOCAL.length))
    const { buffer } = await file.read(Buffer.alloc(8), 0, 8, 0)
    return buffer.toString('latin1', 4) === 'ftyp'
  } catch {
    return false
  }
}

const LOCAL = 'file:'
