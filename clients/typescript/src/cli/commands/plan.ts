import type { DryRunResult } from '../../api.ts'
import type { Command } from '../command.ts'
import { EXIT } from '../exit-codes.ts'
import { toClock } from '../times.ts'
import { checkEdit } from './check-edit.ts'
import { EDIT_CHOICES, EDIT_HELP, EDIT_OPTIONS } from './edit-options.ts'
import { megabytes } from './sources.ts'
import { NAME_HELP, TASK_HELP, TASK_OPTIONS } from './task-options.ts'
import { toTaskOf, workOf } from './work.ts'

export const plan: Command = {
  summary: 'Check what would be rendered, and how long it would take; creates no task',
  usage: 'FILE|URL|UPLOAD|-…',
  options: { ...EDIT_OPTIONS, ...TASK_OPTIONS, name: { type: 'string' }, join: { type: 'boolean' } },
  help: { ...EDIT_HELP, ...TASK_HELP, name: NAME_HELP, join: 'join all inputs into one result, in order' },
  choices: EDIT_CHOICES,
  async run(context) {
    const { terminal, signal } = context
    const all = await workOf(context)
    const client = await context.connect()
    for (const work of all.slice(0, 1)) await checkEdit(work, client, context)
    let code: number = EXIT.ok
    for (const work of all) {
      const task = await toTaskOf(work, client, context)
      terminal.endProgress()
      const result = await client.tasks.plan(task, { signal })
      terminal.result(result, toLines(result).join('\n'))
      if (result.problem || result.fits === false) code = EXIT.input
    }
    return code
  },
}

function toLines({ problem, outputs, estimated_seconds, chunks }: DryRunResult): string[] {
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
