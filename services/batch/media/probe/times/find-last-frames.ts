import { open } from 'node:fs/promises'
import type { MediaInfo } from '#shared/contract/media-info.ts'
import type { FfprobeOutput } from '../ffprobe-output.ts'
import type { MediaInput } from '../media-input.ts'
import {
  beforeLastFrames,
  earlierStart,
  LAST_GROUP_OPTIONS,
  type LastPacket,
  type ListedFrames,
  lastPacketOptions,
  listedFrames,
  parseLastGroup,
  parseLastPackets,
  withLastFrames,
} from './last-frames.ts'

/** Prints packets of some places of a file; nothing where they are not found. */
export type SamplePackets = (input: MediaInput, options: string[], signal: AbortSignal) => Promise<string>

/** The last frames are looked for at so many places, each before the other. */
const MAX_STEPS = 8

/**
 * Looks for the last frames of a file, whose lengths the index of an MP4 may state wrongly. `of` returns the source with the right ones,
 * or undefined where they were right. The end of a local MP4 is read while the file is being described: ffprobe takes far longer to
 * load its libraries than to read. That ends when this is disposed of.
 */
export function findLastFrames(
  input: MediaInput,
  samplePackets: SamplePackets,
  signal: AbortSignal,
): Disposable & {
  of(described: { info: MediaInfo; printed: FfprobeOutput }): Promise<MediaInfo | undefined>
} {
  const ended = new AbortController()
  const ahead = readAhead(input, samplePackets, AbortSignal.any([signal, ended.signal]))

  async function readPackets(listed: ListedFrames): Promise<LastPacket[]> {
    let packets: LastPacket[] = []
    let from: number | undefined = beforeLastFrames(listed)
    for (let step = 0; step < MAX_STEPS && from !== undefined; step++) {
      packets = parseLastPackets(await samplePackets(input, lastPacketOptions(listed, from), signal))
      from = earlierStart(packets, listed)
    }
    return packets
  }

  return {
    async of({ info, printed }) {
      const listed = listedFrames(printed, info)
      if (!listed) return undefined
      const packets = parseLastGroup(await ahead, listed) ?? (await readPackets(listed))
      return withLastFrames(info, packets, listed, printed.format.start_time)
    },
    [Symbol.dispose]: () => ended.abort(),
  }
}

/** What goes wrong here goes wrong again for whoever then asks for the last frames. */
async function readAhead(
  input: MediaInput,
  samplePackets: SamplePackets,
  signal: AbortSignal,
): Promise<string> {
  if (!(await isLocalMp4(input))) return ''
  return samplePackets(input, LAST_GROUP_OPTIONS, signal).catch(() => '')
}

/** Whether a file begins with the box `ftyp`, as MP4 and MOV do since 2001. Whoever probes it tells why it cannot be read. */
async function isLocalMp4({ url }: MediaInput): Promise<boolean> {
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
