import type { Setting, SettingGroup } from '#shared/config.ts'

/** The default depends on the machine, so none is shown. */
const WITHOUT_DEFAULT = ['BATCH_CONCURRENCY']
/** Set by Cloud Run only. */
const NOT_FOR_USERS = ['K_SERVICE']

/** The text of .env.example: every setting by group, described and commented out, with its default as the value. */
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
