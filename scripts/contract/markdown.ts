import type { Setting, SettingGroup } from '#shared/config.ts'
import { listPresets } from '#shared/contract/presets.ts'
import { CATALOGUE } from '#shared/errors.ts'

/** Defaults that depend on the machine. */
const COMPUTED_DEFAULTS: Record<string, string> = {
  BATCH_CONCURRENCY: 'half the cores, and at most one for each 3 GiB of memory',
}

/** A heading and a table for each group of settings. Secrets are marked in their descriptions. */
export function settingsTables(groups: SettingGroup[]): string {
  return groups
    .map(({ title, settings }) => {
      const rows = settings.map((setting) => [
        `\`${setting.name}\``,
        defaultOf(setting),
        descriptionOf(setting),
      ])
      return `## ${title}\n\n${table(['Setting', 'Default', 'Description'], rows)}`
    })
    .join('\n\n')
}

/** Every preset. */
export function presetsTable(): string {
  const rows = listPresets().presets.map(({ name, title, description }) => [
    `\`${name}\``,
    title,
    description,
  ])
  return table(['Preset', 'Title', 'What it renders'], rows)
}

/** Every error code with its status, whether retrying can help, and what to do. */
export function errorsTable(): string {
  const rows = Object.entries(CATALOGUE).map(([code, entry]) => [
    `\`${code}\``,
    String(entry.status),
    'uncounted' in entry ? 'yes, uncounted' : entry.retry ? 'yes' : 'no',
    entry.title,
    entry.advice,
  ])
  return table(['Code', 'Status', 'Retry', 'Title', 'What to do'], rows)
}

/**
 * Replaces the text between the markers of `name`.
 * @throws Error when a marker is missing.
 */
export function replaceBlock(text: string, name: string, content: string): string {
  const begin = `<!-- ${name}: begin, written by npm run contract -->`
  const end = `<!-- ${name}: end -->`
  const from = text.indexOf(begin)
  const to = text.indexOf(end, from)
  if (from < 0 || to < 0) throw new Error(`The markers ${begin} and ${end} are missing.`)
  return `${text.slice(0, from + begin.length)}\n${content}\n${text.slice(to)}`
}

function defaultOf({ name, fallback }: Setting): string {
  if (COMPUTED_DEFAULTS[name]) return COMPUTED_DEFAULTS[name]
  const text = Array.isArray(fallback) ? fallback.join(',') : String(fallback ?? '')
  const gibibytes = name.endsWith('_BYTES') ? ` (${Number(fallback) / 1024 ** 3} GiB)` : ''
  return text && `\`${text}\`${gibibytes}`
}

const descriptionOf = ({ description, secret }: Setting) =>
  secret ? `**Secret.** ${description}` : description

function table(head: string[], rows: string[][]): string {
  const line = (cells: string[]) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n')
}
