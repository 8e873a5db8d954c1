import type { MediaInput } from '../media-input.ts'
import { createFfprobe, type FfprobeSettings } from '../run-ffprobe.ts'

export type PacketReaderSettings = FfprobeSettings & { deadlineMs: number }

/** A packet: when it is shown and decoded, in seconds on the container's clock (NaN where it is not stated), and its flags. */
export type Packet = { pts: number; dts: number; flags: string }

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
      const [pts = '', dts = '', flags = ''] = line.split('|')
      return { pts: Number.parseFloat(pts), dts: Number.parseFloat(dts), flags }
    })
  }
}
