import type { MediaInput } from '../media-input.ts'
import { createFfprobe } from '../run-ffprobe.ts'
import { createPacketReader, type PacketReaderSettings } from './read-packets.ts'

/** A packet of a stream: when it is shown, in seconds on the container's clock, and whether it is a key frame. */
type FoundPacket = { shownAt: number; isKey: boolean }

/** A stretch of a stream, in seconds from the source's beginning, which is at `origin` on the container's clock if known. */
export type PacketRange = { index: number; from: number; to: number; origin: number | undefined }

/** Lists the intact packets of a stretch of a stream; times in seconds from the source's beginning. */
export type FindPackets = (
  input: MediaInput,
  range: PacketRange,
  signal: AbortSignal,
) => Promise<FoundPacket[]>

/** A finder that runs ffprobe. Throws what ffprobe throws, as when the input cannot be sought. */
export function createPacketFinder(settings: PacketReaderSettings): FindPackets {
  const run = createFfprobe(settings)
  const readPackets = createPacketReader(settings)

  async function startOf(input: MediaInput, signal: AbortSignal): Promise<number> {
    const options = ['-v', 'error', '-show_entries', 'format=start_time', '-print_format', 'csv=p=0']
    const { stdout } = await run(input, options, { deadlineMs: settings.deadlineMs, signal })
    return Number.parseFloat(stdout) || 0
  }

  return async (input, { index, from, to, origin }, signal) => {
    const start = origin ?? (await startOf(input, signal))
    const interval = `${(from + start).toFixed(6)}%${(to + start).toFixed(6)}`
    const packets = await readPackets(input, index, [interval], signal)
    return packets.flatMap(({ shownAt, flags }) => {
      if (!Number.isFinite(shownAt) || DISCARDED.test(flags)) return []
      return [{ shownAt: shownAt - start, isKey: flags.startsWith('K') }]
    })
  }
}

/** The flags of packets that are discarded or corrupt. */
const DISCARDED = /[DC]/
