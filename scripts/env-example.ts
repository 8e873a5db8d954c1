/** `node scripts/env-example.ts` writes .env.example from the settings; `--check` compares it instead. */
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type Setting, type SettingGroup, settingGroups } from '#shared/config.ts'

const FILE = join(import.meta.dirname, '..', '.env.example')
/** The default depends on the machine, so none is shown. */
const WITHOUT_DEFAULT = ['BATCH_CONCURRENCY']
/** Set by Cloud Run only. */
const NOT_FOR_USERS = ['K_SERVICE']

if (import.meta.main) {
  if (!process.argv.includes('--check')) {
    await writeFile(FILE, envExample(settingGroups))
  } else {
    const issues = await envExampleIssues()
    for (const issue of issues) console.error(issue)
    process.exitCode = issues.length > 0 ? 1 : 0
  }
}

/** What is wrong with .env.example, one line each. */
export async function envExampleIssues(): Promise<string[]> {
  const current = await readFile(FILE, 'utf8').catch(() => '')
  return current === envExample(settingGroups)
    ? []
    : ['.env.example is out of date; run: node scripts/env-example.ts']
}

/** The text of the file: every setting by group, described and commented out, with its default as the value. */
export function envExample(groups: SettingGroup[]): string {
  const intro =
    '# Settings of Cutroom. Copy this file to .env and uncomment what you want to change; `npm start` needs none of them.\n'
  return [intro, ...groups.map(groupText)].join('\n')
}

function groupText({ title, settings }: SettingGroup): string {
  const entries = settings
    .filter(({ name }) => !NOT_FOR_USERS.includes(name))
    .map((setting) => `# ${setting.description}\n#${setting.name}=${defaultOf(setting)}\n`)
  return [`# --- ${title} ---\n`, ...entries].join('\n')
}

function defaultOf({ name, fallback }: Setting): string {
  if (fallback === undefined || WITHOUT_DEFAULT.includes(name)) return ''
  return Array.isArray(fallback) ? fallback.join(',') : String(fallback)
}
