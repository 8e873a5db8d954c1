import { UsageError } from './exit-codes.ts'

const UNIT_MS: Record<string, number> = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 }

/**
 * Milliseconds since 1970 of a date, of a date and time, or of how long ago something was: `30s`, `10m`, `2h`, `7d`. Without a time zone,
 * times are local and dates are UTC, as in JavaScript. Pure.
 * @throws UsageError
 */
export function toInstant(option: string, text: string, now: number): number {
  const [, count = '', unit = ''] = /^(\d+(?:\.\d+)?)([smhd])$/.exec(text) ?? []
  if (unit) return now - Number(count) * (UNIT_MS[unit] ?? 0)
  const at = /^\d{4}-\d\d-\d\d/.test(text) ? Date.parse(text) : Number.NaN
  if (Number.isFinite(at)) return at
  throw new UsageError(`${option} ${text} is not a time. Write 2h, 7d, 2026-11-27 or 2026-11-27T09:30:00Z.`)
}
