import type { Command, Options } from '../command.ts'
import { onlyArgument } from '../command.ts'
import { UsageError } from '../exit-codes.ts'

type Completed = Pick<Command, 'options' | 'choices'> & { subcommands?: Record<string, Completed> }
type Commands = Record<string, Completed>

/** The command that prints a script for a shell. `commands`: all of them. */
export const completionOf = (commands: () => Commands, common: Options): Command => ({
  summary: 'Print completion for a shell: source <(cutroom completion bash)',
  usage: 'bash|zsh',
  async run(context) {
    const shell = onlyArgument(context, 'shell')
    if (shell !== 'bash' && shell !== 'zsh') throw new UsageError('Completion is there for bash and zsh.')
    const script = completionScript(commands(), common)
    process.stdout.write(shell === 'zsh' ? `autoload -U +X bashcompinit && bashcompinit\n${script}` : script)
    return undefined
  },
})

/**
 * A bash script, which zsh runs with bashcompinit. Completes commands, options, the values that an option has, also in a list that commas
 * separate, and otherwise files. Pure.
 */
export function completionScript(commands: Commands, common: Options): string {
  const all = Object.entries(commands).flatMap(([name, command]) => [
    { name, command },
    ...Object.entries(command.subcommands ?? {}).map(([second, subcommand]) => ({
      name: `${name} ${second}`,
      command: subcommand,
    })),
  ])
  const flags = all.map(({ name, command }) => {
    const names = Object.keys({ ...command.options, ...common }).map((option) => `--${option}`)
    const subcommands = Object.keys(command.subcommands ?? {}).join(' ')
    return `    '${name}') flags='${names.join(' ')}' subcommands='${subcommands}' ;;`
  })
  const choices = all.flatMap(({ name, command }) =>
    Object.entries(command.choices ?? {}).map(([option, values]) => {
      const short = command.options?.[option]?.short
      const patterns = [`--${option}`, ...(short ? [`-${short}`] : [])].map((flag) => `'${name} ${flag}'`)
      return `    ${patterns.join('|')}) values='${values.join(' ')}' ;;`
    }),
  )
  const titles = all.flatMap(({ name }) => (name.includes(' ') ? [`    '${name}') title='${name}' ;;`] : []))
  // zsh has variables of its own that are called words and options.
  return `_cutroom() {
  local word="\${COMP_WORDS[COMP_CWORD]}" before="\${COMP_WORDS[COMP_CWORD-1]}"
  local title="\${COMP_WORDS[1]}" flags='' subcommands='' values='' list
  if [ "$COMP_CWORD" -eq 1 ]; then
    COMPREPLY=($(compgen -W '${Object.keys(commands).join(' ')}' -- "$word"))
    return
  fi
  [ "$COMP_CWORD" -eq 2 ] || case "$title \${COMP_WORDS[2]}" in
${titles.join('\n')}
  esac
  case "$title" in
${flags.join('\n')}
  esac
  case "$title $before" in
${choices.join('\n')}
  esac
  if [ -n "$values" ]; then
    list="\${word%"\${word##*,}"}"
    COMPREPLY=($(compgen -P "$list" -W "$values" -- "\${word##*,}"))
    return
  fi
  case "$word" in
    -*) COMPREPLY=($(compgen -W "$flags" -- "$word")); return ;;
  esac
  if [ "$COMP_CWORD" -eq 2 ] && [ -n "$subcommands" ]; then
    COMPREPLY=($(compgen -W "$subcommands" -- "$word"))
  else
    COMPREPLY=($(compgen -f -- "$word"))
  fi
}
complete -F _cutroom cutroom
`
}
