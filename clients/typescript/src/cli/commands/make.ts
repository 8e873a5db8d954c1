import { parse } from 'node:path'
import type { Client } from '../../client.ts'
import { type Command, type Context, flag, text, wholeNumber } from '../command.ts'
import { type EditOptions, toTask } from '../edit.ts'
import { exitCodeOf, UsageError } from '../exit-codes.ts'
import { inParallel } from '../parallel.ts'
import { checkEdit } from './check-edit.ts'
import { EDIT_HELP, EDIT_OPTIONS, editOptions } from './edit-options.ts'
import { render } from './render.ts'
import { saveOutputs } from './save-outputs.ts'
import { labelOf, megabytes, toSource } from './sources.ts'

const DEFAULT_CONCURRENCY = 4

export const make: Command = {
  summary: 'Render files or URLs and download the results',
  usage: 'FILE|URL|-…',
  options: {
    ...EDIT_OPTIONS,
    output: { type: 'string', short: 'o' },
    join: { type: 'boolean' },
    concurrency: { type: 'string' },
    'no-wait': { type: 'boolean' },
  },
  help: {
    ...EDIT_HELP,
    output: 'PATH of the result, a folder, or - for stdout',
    join: 'join all inputs into one result, in order',
    concurrency: `NUMBER of inputs at a time (${DEFAULT_CONCURRENCY})`,
    'no-wait': 'create the tasks and print their ids',
  },
  async run(context) {
    const { positionals } = context
    const edit = await editOptions(context)
    const jobs =
      flag(context, 'join') || positionals.length === 0 ? [positionals] : positionals.map((one) => [one])
    // Finds wrong options before anything is uploaded.
    for (const inputs of jobs)
      toTask(
        inputs.map(() => ({ url: 'https://example.org' })),
        edit,
      )
    if (jobs.length > 1 && text(context, 'output') === '-') {
      throw new UsageError('Several results do not fit into stdout; give a folder with -o, or --join them.')
    }
    const client = await context.connect()
    for (const inputs of jobs.slice(0, 1)) await checkEdit(inputs, edit, client, context)
    const concurrency = wholeNumber(context, 'concurrency', 1) ?? DEFAULT_CONCURRENCY
    const codes = await inParallel(jobs, concurrency, (inputs) =>
      makeOne(inputs, edit, client, context, jobs.length),
    )
    return Math.max(0, ...codes)
  },
}

/** Resolves to an exit code. Of several inputs, one that fails does not stop the others. */
async function makeOne(inputs: string[], edit: EditOptions, client: Client, context: Context, count: number) {
  const { terminal, signal } = context
  const [first = 'result'] = inputs
  try {
    const sources = []
    for (const input of inputs) sources.push(await toSource(input, client, context))
    const task = toTask(sources, edit)
    if (flag(context, 'no-wait')) {
      const created = await client.tasks.create(task, { signal })
      terminal.result(created, created.id)
      return 0
    }
    const done = await render(task, labelOf(first), client, context)
    const target =
      count > 1 && text(context, 'output') ? `${text(context, 'output')}/` : text(context, 'output')
    const files = await saveOutputs(done, parse(labelOf(first)).name, target, client, context)
    const lines = files.map((file, index) => `${file}  ${megabytes(done.outputs[index]?.bytes ?? 0)} MB`)
    if (target !== '-') terminal.result({ ...done, files }, lines.join('\n'))
    return 0
  } catch (error) {
    if (count === 1 || signal.aborted) throw error
    terminal.note(`${labelOf(first)} failed.`)
    terminal.fail(error)
    return exitCodeOf(error)
  }
}
