/** A number as ffmpeg reads it: no exponent, microseconds at most. */
export const plain = (value: number): string => String(Number(value.toFixed(6)))

/** One line of a filter graph: inputs, filters in order, outputs. */
export const chain = (from: string[], filters: string[], to: string[]): string =>
  `${from.map((label) => `[${label}]`).join('')}${filters.join(',')}${to.map((label) => `[${label}]`).join('')}`

/** "#102030" as ffmpeg writes colours. */
export const colour = (hex: string): string => hex.replace('#', '0x')
