import type { MediaInput } from '../media-input.ts'
import { createFfprobe, type FfprobeSettings } from '../run-ffprobe.ts'

export type PacketReaderSettings = FfprobeSettings & { deadlineMs: number }

/**
 * A packet: when it is decoded and from when on the frame that it brings to the screen is shown, in seconds on the container's clock
 * (NaN where it is not stated), and its flags. `shownAt` is `pts`; in AVI, which states none, a decoder that reorders frames shows the
 * first one only after some packets more.
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
        ...['-show_entries', 'packet=pts_time,dts_time,duration_time,flags:stream=has_b_frames'],
        ...['-print_format', 'compact=p=0:nk=1'],
      ],
      { deadlineMs: settings.deadlineMs, signal },
    )
    return parsePackets(stdout)
  }
}

/** Parses a line for each packet and, behind them, one for the stream: the number of frames that its decoder holds back. */
export function parsePackets(printed: string): Packet[] {
  const lines = printed.split('\n').filter((line) => line !== '')
  const heldBack = Number(lines.find((line) => !line.includes('|')) ?? 0) || 0
  return lines.flatMap((line) => {
    if (!line.includes('|')) return []
    const [time = '', decoded = '', lasts = '', flags = ''] = line.split('|')
    const [pts, dts, duration] = [time, decoded, lasts].map(Number.parseFloat) as [number, number, number]
    const delay = heldBack * (Number.isFinite(duration) ? duration : 0)
    return [{ pts, dts, shownAt: Number.isFinite(pts) ? pts : dts + delay, flags }]
  })
}
