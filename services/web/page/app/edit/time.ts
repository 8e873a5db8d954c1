/** Seconds as people read and type them: `1:02.500`, `1:00:00`, `62.5`. */

/** 62.5 → 1:02.500. Hours only where there are any. */
export function formatTime(seconds: number): string {
  const milliseconds = Math.max(0, Math.round(seconds * 1000))
  const [whole, rest] = [Math.floor(milliseconds / 1000), milliseconds % 1000]
  const [hours, minutes] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60]
  const tail = `${two(whole % 60)}.${String(rest).padStart(3, '0')}`
  return hours > 0 ? `${hours}:${two(minutes)}:${tail}` : `${minutes}:${tail}`
}

const two = (number: number) => String(number).padStart(2, '0')

/** The seconds of a typed time, or undefined when it is none. A comma is a decimal point, as in Spanish. */
export function parseTime(text: string): number | undefined {
  const match = /^(?:(?:(\d{1,3}):)?(\d{1,4}):)?(\d{1,6}(?:[.,]\d{1,6})?)$/.exec(text.trim())
  if (!match) return undefined
  const [, hours = '0', minutes = '0', seconds = '0'] = match
  const value = Number(seconds.replace(',', '.'))
  if (match[2] !== undefined && value >= 60) return undefined
  if (match[1] !== undefined && Number(minutes) >= 60) return undefined
  return Number(hours) * 3600 + Number(minutes) * 60 + value
}
