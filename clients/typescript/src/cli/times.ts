import { UsageError } from './exit-codes.ts'

export type Range = { start: number; duration?: number }

/** Seconds of `80`, `1:20`, `1:20.5` or `0:01:20`. @throws UsageError */
export function toSeconds(text: string): number {
  if (!/^(\d+:){0,2}\d+(\.\d+)?$/.test(text)) {
    throw new UsageError(
      `${JSON.stringify(text)} is not a time. Write seconds, or minutes and seconds: 80, 1:20 or 1:20.5.`,
    )
  }
  return round(text.split(':').reduce((total, part) => total * 60 + Number(part), 0))
}

/** The range of `START-END`, of `START-` to the end of the source, or of `-END` from its beginning. @throws UsageError */
export function toRange(text: string): Range {
  const [first = '', last = '', ...more] = text.split('-')
  if (!text.includes('-') || more.length > 0 || text === '-') {
    throw new UsageError(`--trim ${text} is not a range. Write START-END, such as 1:02-1:20.`)
  }
  const start = first === '' ? 0 : toSeconds(first)
  if (last === '') return { start }
  const end = toSeconds(last)
  if (end <= start) throw new UsageError(`--trim ${text} ends before it begins.`)
  return { start, duration: round(end - start) }
}

/** Times are sums of decimal fractions, which binary numbers only come close to. */
const round = (seconds: number) => Math.round(seconds * 1e6) / 1e6

/** `1:02`, or `1:00:05`. */
export function toClock(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds))
  const parts = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60]
  const shown = parts[0] === 0 ? parts.slice(1) : parts
  return shown.map((part, index) => (index === 0 ? `${part}` : `${part}`.padStart(2, '0'))).join(':')
}
