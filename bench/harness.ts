/** A table as it is printed. */
export type Table = { head: string[]; rows: string[][] }

/** A bound that a measured figure should keep. */
export type Target = { what: string; measured: number; bound: 'at most' | 'at least'; limit: number }

/** The result of a benchmark. `notes` are printed before its tables. */
export type Report = { title: string; notes: string[]; tables: Table[]; targets: Target[] }

/**
 * Options of every benchmark: the number of rounds, and the path of a clip to use instead of the generated one. `minutes` is
 * the length of the source of the benchmarks of chunks.
 */
export type BenchOptions = {
  rounds: number | undefined
  clip: string | undefined
  minutes: number | undefined
}

/** The median: the mean of the two middle values of an even number, NaN of an empty list. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = sorted.length / 2
  return ((sorted[Math.ceil(middle) - 1] ?? Number.NaN) + (sorted[Math.floor(middle)] ?? Number.NaN)) / 2
}

/**
 * The median of `over[i] / under[i]`. The runs of one round share the machine's load, so this is steadier than the ratio of
 * two medians.
 */
export const pairwiseRatio = (over: readonly number[], under: readonly number[]): number =>
  median(over.map((value, i) => value / (under[i] ?? Number.NaN)))

/**
 * Runs the contenders in turn, `rounds` times, starting each round with the next of them; returns the results of each, round
 * by round. The results of `warmUps` rounds before that are discarded.
 */
export async function interleave<Name extends string, T>(
  contenders: Record<Name, () => Promise<T>>,
  { rounds, warmUps = 0 }: { rounds: number; warmUps?: number },
): Promise<Record<Name, T[]>> {
  const names = Object.keys(contenders) as Name[]
  const results = Object.fromEntries(names.map((name) => [name, [] as T[]])) as Record<Name, T[]>
  for (let round = -warmUps; round < rounds; round++) {
    for (const offset of names.keys()) {
      const name = names[(offset + round + warmUps) % names.length] as Name
      const result = await contenders[name]()
      if (round >= 0) results[name].push(result)
    }
  }
  return results
}

export const isMet = ({ measured, bound, limit }: Target): boolean =>
  bound === 'at most' ? measured <= limit : measured >= limit

/** A report as Markdown. */
export function reportText({ title, notes, tables, targets }: Report): string {
  const bounds: Table = {
    head: ['target', 'bound', 'measured', ''],
    rows: targets.map((target) => [
      target.what,
      `${target.bound} ${target.limit}`,
      fixed(target.measured),
      isMet(target) ? 'met' : 'MISSED',
    ]),
  }
  return [
    `## ${title}`,
    ...notes,
    ...tables.map(tableText),
    ...(targets.length > 0 ? [tableText(bounds)] : []),
  ].join('\n\n')
}

/** A table as Markdown with aligned columns: text to the left, numbers to the right. */
export function tableText({ head, rows }: Table): string {
  const widths = head.map((title, i) => Math.max(3, title.length, ...rows.map((row) => row[i]?.length ?? 0)))
  const isNumber = head.map((_, i) => i > 0 && rows.every((row) => /^[\d.,≤≥ ]*$|^–$/.test(row[i] ?? '')))
  const line = (cells: string[]) =>
    `| ${cells.map((cell, i) => (isNumber[i] ? cell.padStart(widths[i] ?? 0) : cell.padEnd(widths[i] ?? 0))).join(' | ')} |`
  const rule = widths.map((width, i) => (isNumber[i] ? `${'-'.repeat(width - 1)}:` : '-'.repeat(width)))
  return [line(head), line(rule), ...rows.map(line)].join('\n')
}

/** A figure with three significant digits, at most two decimals. */
export const fixed = (value: number): string =>
  value.toFixed(Math.abs(value) >= 100 ? 0 : Math.abs(value) >= 10 ? 1 : 2)
