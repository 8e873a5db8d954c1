/** Columns and rows, as they are printed. */
export type Table = { head: string[]; rows: string[][] }

/** A bound that a figure should keep. */
export type Target = { what: string; measured: number; bound: 'at most' | 'at least'; limit: number }

/** What a benchmark found. `says` are the sentences that stand before its tables. */
export type Report = { title: string; says: string[]; tables: Table[]; targets: Target[] }

/** What every benchmark is told: rounds of each contender, and the path of a clip of one's own. */
export type BenchOptions = { rounds: number | undefined; clip: string | undefined }

/** The middle value; of an even number of values, the mean of the middle two. NaN of none. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = sorted.length / 2
  return ((sorted[Math.ceil(middle) - 1] ?? Number.NaN) + (sorted[Math.floor(middle)] ?? Number.NaN)) / 2
}

/**
 * The median of `over[i] / under[i]`. What ran in one round shared the weather of the machine, so this is
 * steadier than the ratio of two medians.
 */
export const pairwiseRatio = (over: readonly number[], under: readonly number[]): number =>
  median(over.map((value, i) => value / (under[i] ?? Number.NaN)))

/**
 * Lets the contenders take turns, `rounds` times, each round beginning with the next of them; gives what each
 * came to, round by round. `warmUps` rounds before are thrown away.
 */
export async function interleave<Name extends string, T>(
  contenders: Record<Name, () => Promise<T>>,
  { rounds, warmUps = 0 }: { rounds: number; warmUps?: number },
): Promise<Record<Name, T[]>> {
  const names = Object.keys(contenders) as Name[]
  const found = Object.fromEntries(names.map((name) => [name, [] as T[]])) as Record<Name, T[]>
  for (let round = -warmUps; round < rounds; round++) {
    for (const place of names.keys()) {
      const name = names[(place + round + warmUps) % names.length] as Name
      const result = await contenders[name]()
      if (round >= 0) found[name].push(result)
    }
  }
  return found
}

export const isMet = ({ measured, bound, limit }: Target): boolean =>
  bound === 'at most' ? measured <= limit : measured >= limit

/** A report as Markdown. */
export function reportText({ title, says, tables, targets }: Report): string {
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
    ...says,
    ...tables.map(tableText),
    ...(targets.length > 0 ? [tableText(bounds)] : []),
  ].join('\n\n')
}

/** A table as Markdown, its columns aligned: words to the left, numbers to the right. */
export function tableText({ head, rows }: Table): string {
  const widths = head.map((title, i) => Math.max(3, title.length, ...rows.map((row) => row[i]?.length ?? 0)))
  const isNumber = head.map((_, i) => i > 0 && rows.every((row) => /^[\d.,≤≥ ]*$|^–$/.test(row[i] ?? '')))
  const line = (cells: string[]) =>
    `| ${cells.map((cell, i) => (isNumber[i] ? cell.padStart(widths[i] ?? 0) : cell.padEnd(widths[i] ?? 0))).join(' | ')} |`
  const rule = widths.map((width, i) => (isNumber[i] ? `${'-'.repeat(width - 1)}:` : '-'.repeat(width)))
  return [line(head), line(rule), ...rows.map(line)].join('\n')
}

/** A figure with as many decimals as say something. */
export const fixed = (value: number): string =>
  value.toFixed(Math.abs(value) >= 100 ? 0 : Math.abs(value) >= 10 ? 1 : 2)
