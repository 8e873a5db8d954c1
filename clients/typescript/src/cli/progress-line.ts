/** One row of progress: what it is about, what is happening to it, how far it is, and more where it fits. */
export type Progress = { label: string; status: string; percent?: number; note?: string }

/** A label keeps this many columns before the bar gets shorter. */
const MIN_LABEL = 16
const BARS = [20, 10, 0]

/** The row in at most `width` columns: less of a bar, then less of the label, before the percentage would be cut off. Pure. */
export function progressLine({ label, status, percent, note = '' }: Progress, width: number): string {
  const states =
    percent === undefined ? [`${status}${note}`] : BARS.map((size) => state(status, percent, size))
  const candidates = percent === undefined ? states : [`${states[0]}${note}`, ...states]
  const spaceFor = (state: string) => width - widthOf(state) - 2
  const fitting = candidates.find((state) => spaceFor(state) >= Math.min(widthOf(label), MIN_LABEL))
  const chosen = fitting ?? candidates.at(-1) ?? ''
  const shortened = shorten(label, spaceFor(chosen))
  return shorten(shortened ? `${shortened}  ${chosen}` : chosen, width)
}

/** `running   [#####-----]  50 %`; without a bar of size 0. */
function state(status: string, percent: number, size: number): string {
  const filled = Math.round((Math.min(Math.max(percent, 0), 100) / 100) * size)
  const bar = size > 0 ? `[${'#'.repeat(filled)}${'-'.repeat(size - filled)}] ` : ''
  return `${status.padEnd(9)} ${bar}${String(Math.round(percent)).padStart(3)} %`
}

/** The text, cut so that it takes at most `width` columns, with an ellipsis where something is left out. */
function shorten(text: string, width: number): string {
  if (widthOf(text) <= width) return text
  let kept = ''
  let columns = 1
  for (const character of text) {
    columns += columnsOf(character)
    if (columns > width) break
    kept += character
  }
  return width > 0 ? `${kept}…` : ''
}

const widthOf = (text: string) => [...text].reduce((columns, character) => columns + columnsOf(character), 0)

/** Combining marks take no column of a terminal; ideographs and emoji two. */
function columnsOf(character: string): number {
  if (/^[\p{Mn}\p{Me}\p{Cf}]$/u.test(character)) return 0
  return WIDE.test(character) ? 2 : 1
}

const WIDE =
  /^[\p{Emoji_Presentation}\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{20000}-\u{3fffd}]$/u
