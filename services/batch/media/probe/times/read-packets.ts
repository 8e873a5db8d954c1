import type { MediaInput } from '../media-input.ts'
import { createFfprobe, type FfprobeSettings } from '../run-ffprobe.ts'

export type PacketReaderSettings = FfprobeSettings & { deadlineMs: number }

/**
 * A packet: when it is shown and decoded, in seconds on the container's clock (NaN where it is not stated), and its flags. `shownAt` is
 * `pts`; in AVI, which states none, `dts`, see `reordered_frames`.
 */
export type Packet = { pts: number; dts: number; shownAt: number; flags: string }

/** Lists the packets of a stream in some intervals, which ffprobe's option `-read_intervals` describes. */
export type ReadPackets = (
  input: MediaInput,
  index: number,
  intervals: string[],
  signal: AbortSignal,
) => Promise<Packet[]>

/** A reader that runs ffprobe once for all intervals. It throws what ffprobe throws, as when the input cannot be sought. */
export function createPacketReader(settings: PacketReaderSettings): ReadPackets {
  const run = createFfprobe(settings)
  return async (input, index, intervals, signal) => {
    const { stdout } = await run(
      input,
      [
        ...['-v', 'error', '-select_streams', String(index), '-read_intervals', intervals.join()],
        ...['-show_entries', 'packet=pts_time,dts_time,flags', '-print_format', 'compact=p=0:nk=1'],
      ],
      { deadlineMs: settings.deadlineMs, signal },
    )
    const lines = stdout.split('\n').filter((line) => line !== '')
    return lines.map((line) => {
      const [time = '', decoded = '', flags = ''] = line.split('|')
      const [pts, dts] = [time, decoded].map(Number.parseFloat) as [number, number]
      return { pts, dts, shownAt: Number.isFinite(pts) ? pts : dts, flags }
    })
  }
}
