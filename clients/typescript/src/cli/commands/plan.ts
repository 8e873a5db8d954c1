import { type Command, flag } from '../command.ts'
import { toTask } from '../edit.ts'
import { EXIT } from '../exit-codes.ts'
import { toClock } from '../times.ts'
import { checkEdit } from './check-edit.ts'
import { EDIT_HELP, EDIT_OPTIONS, editOptions } from './edit-options.ts'
import { megabytes, toSource } from './sources.ts'

export const plan: Command = {
  summary: 'Check what would be rendered, and how long it would take; creates no task',
  usage: 'FILE|URL|-…',
  options: { ...EDIT_OPTIONS, join: { type: 'boolean' } },
  help: { ...EDIT_HELP, join: 'join all inputs into one result, in order' },
  async run(context) {
    const { positionals, terminal, signal } = context
    const edit = await editOptions(context)
    const jobs =
      flag(context, 'join') || positionals.length === 0 ? [positionals] : positionals.map((one) => [one])
    for (const inputs of jobs)
      toTask(
        inputs.map(() => ({ url: 'https://example.org' })),
        edit,
      )
    const client = await context.connect()
    for (const inputs of jobs.slice(0, 1)) await checkEdit(inputs, edit, client, context)
    let code: number = EXIT.ok
    for (const inputs of jobs) {
      const sources = []
      for (const input of inputs) sources.push(await toSource(input, client, context))
      terminal.endProgress()
      const result = await client.tasks.plan(toTask(sources, edit), { signal })
      terminal.result(result, toLines(result).join('\n'))
      if (result.problem || result.fits === false) code = EXIT.input
    }
    return code
  },
}

type Result = Awaited<
  ReturnType<Awaited<ReturnType<Parameters<Command['run']>[0]['connect']>>['tasks']['plan']>
>

function toLines({ problem, outputs, estimated_seconds, chunks }: Result): string[] {
  if (problem) return [`Cannot be rendered: ${problem.message} (${problem.code})`]
  const files = outputs.map(({ name, seconds, width, height, estimated_bytes }) => {
    const size = width ? `  ${width}x${height}` : ''
    const bytes = estimated_bytes ? `  about ${megabytes(estimated_bytes)} MB` : ''
    return `${name}  ${seconds ?? '?'} s${size}${bytes}`
  })
  const divided = (chunks ?? 1) > 1 ? `, in ${chunks} chunks` : ''
  const time =
    estimated_seconds === null ? [] : [`about ${toClock(estimated_seconds ?? 0)} on one worker${divided}`]
  return [...files, ...time]
}
