import type { Command, Options } from '../command.ts'
import { onlyArgument } from '../command.ts'
import { UsageError } from '../exit-codes.ts'

type Commands = Record<string, Pick<Command, 'options'>>

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

/** A bash script, which zsh runs with bashcompinit. Options of the command, otherwise files. Pure. */
export function completionScript(commands: Commands, common: Options): string {
  const cases = Object.entries(commands).map(([name, { options = {} }]) => {
    const words = Object.keys({ ...options, ...common }).map((option) => `--${option}`)
    return `    ${name}) options='${words.join(' ')}' ;;`
  })
  return `_cutroom() {
  local word="\${COMP_WORDS[COMP_CWORD]}" options=''
  if [ "$COMP_CWORD" -eq 1 ]; then
    COMPREPLY=($(compgen -W '${Object.keys(commands).join(' ')}' -- "$word"))
    return
  fi
  case "\${COMP_WORDS[1]}" in
${cases.join('\n')}
  esac
  case "$word" in
    -*) COMPREPLY=($(compgen -W "$options" -- "$word")) ;;
    *) COMPREPLY=($(compgen -f -- "$word")) ;;
  esac
}
complete -F _cutroom cutroom
`
}
