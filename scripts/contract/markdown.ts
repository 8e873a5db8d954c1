import type { settings } from '#shared/config.ts'
import { listPresets } from '#shared/contract/presets.ts'
import { CATALOGUE } from '#shared/errors.ts'

type Setting = (typeof settings)[number]

/** Their defaults differ from machine to machine. */
const BY_MACHINE: Record<string, string> = { BATCH_CONCURRENCY: 'half the cores' }

/** Every setting with its default and meaning. */
export function settingsTable(all: Setting[]): string {
  const rows = all.map((setting) => [`\`${setting.name}\``, shown(setting), setting.description])
  return table(['Setting', 'Default', 'Meaning'], rows)
}

/** Every preset with what it makes. */
export function presetsTable(): string {
  const rows = listPresets().presets.map(({ name, description }) => [`\`${name}\``, description])
  return table(['Preset', 'What it makes'], rows)
}

/** Every code of the catalogue, with the status of a reply and what it means for a task. */
export function errorsTable(): string {
  const rows = Object.entries(CATALOGUE).map(([code, entry]) => [
    `\`${code}\``,
    String(entry.status),
    'uncounted' in entry ? 'yes, uncounted' : entry.retry ? 'yes' : 'no',
    entry.title,
  ])
  return table(['Code', 'Status', 'Tried again', 'Meaning'], rows)
}

/** The text with what stands between the markers of `name` replaced. Throws when a marker is missing. */
export function fillIn(text: string, name: string, content: string): string {
  const [begin, end] = [`<!-- ${name}: begin, written by npm run contract -->`, `<!-- ${name}: end -->`]
  const from = text.indexOf(begin)
  const to = text.indexOf(end, from)
  if (from < 0 || to < 0) throw new Error(`The markers ${begin} and ${end} are missing.`)
  return `${text.slice(0, from + begin.length)}\n${content}\n${text.slice(to)}`
}

function shown({ name, fallback }: Setting): string {
  if (BY_MACHINE[name]) return BY_MACHINE[name]
  const text = Array.isArray(fallback) ? fallback.join(',') : String(fallback ?? '')
  return text && `\`${text}\``
}

function table(head: string[], rows: string[][]): string {
  const line = (cells: string[]) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n')
}
