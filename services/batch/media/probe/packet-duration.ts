import { unreadableSource } from './unreadable-source.ts'

/** What ffprobe is to print about each packet: lines of `pts_time|duration_time`. */
export const PACKET_TIME_OPTIONS = [
  ...['-show_entries', 'packet=pts_time,duration_time'],
  ...['-print_format', 'compact=p=0:nk=1'],
]

/**
 * The duration in seconds from the first packet to the end of the last, from lines of `pts|duration`. Without
 * timestamps, as in raw streams, it is the sum of the durations.
 * @throws CutroomError `media.unreadable` when the duration is zero.
 */
export function durationOfPackets(printed: string): number {
  let first = Number.POSITIVE_INFINITY
  let end = 0
  let sum = 0
  for (const line of printed.trim().split(/\s+/)) {
    const [pts = Number.NaN, printedDuration = Number.NaN] = line.split('|').map(Number.parseFloat)
    const duration = Number.isFinite(printedDuration) ? printedDuration : 0
    sum += duration
    if (!Number.isFinite(pts)) continue
    first = Math.min(first, pts)
    end = Math.max(end, pts + duration)
  }
  const total = end > first ? end - first : sum
  if (total > 0) return total
  throw unreadableSource('its duration is zero')
}
