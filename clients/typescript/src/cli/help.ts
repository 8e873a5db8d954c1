import { VERSION } from '../generated/version.ts'
import type { Command, Options } from './command.ts'

export const COMMON_OPTIONS: Options = {
  url: { type: 'string' },
  json: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
}

const COMMON_HELP: Record<string, string> = {
  url: 'ADDRESS of the service, in place of the stored one',
  json: 'print JSON: results to stdout, errors to stderr',
  help: 'show this help',
}

/** The help of everything. Pure. */
export function overview(commands: Record<string, Command>): string {
  const lines = Object.entries(commands)
    .flatMap(([name, command]) => [
      [name, command.summary],
      ...Object.entries(command.subcommands ?? {}).map(([second, { summary }]) => [
        `${name} ${second}`,
        summary,
      ]),
    ])
    .map(([title = '', summary]) => `  ${title.padEnd(14)} ${summary}`)
  return [
    `cutroom ${VERSION}: render videos with a Cutroom service`,
    '',
    'Usage: cutroom COMMAND [arguments]',
    '',
    ...lines,
    '',
    'cutroom COMMAND --help shows the options. The service and the API key come from cutroom login, or from',
    'CUTROOM_URL and CUTROOM_API_KEY.',
    '',
    'Exit codes: 0 done, 1 unexpected, 2 wrong usage, 3 key or permission, 4 invalid input, 5 not found, 6 limit or quota,',
    '7 service unreachable, 8 task failed, 9 task aborted, 130 interrupted.',
  ].join('\n')
}

/** The help of one command. Pure. */
export function commandHelp(name: string, { summary, usage, options = {}, help = {} }: Command): string {
  const described = { ...help, ...COMMON_HELP }
  const lines = Object.entries({ ...options, ...COMMON_OPTIONS }).map(([option, { short }]) => {
    const flags = `${short ? `-${short}, ` : '    '}--${option}`
    return `  ${flags.padEnd(20)} ${described[option] ?? ''}`
  })
  return [
    `cutroom ${name}: ${summary}`,
    '',
    `Usage: cutroom ${[name, usage, '[options]'].filter(Boolean).join(' ')}`,
    '',
    ...lines,
  ].join('\n')
}
