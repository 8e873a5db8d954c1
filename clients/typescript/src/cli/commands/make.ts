import { parse } from 'node:path'
import type { TaskDetails } from '../../api.ts'
import type { Client } from '../../client.ts'
import { type Command, type Context, flag, text, wholeNumber } from '../command.ts'
import { exitCodeOf, UsageError } from '../exit-codes.ts'
import { inParallel } from '../parallel.ts'
import { checkEdit } from './check-edit.ts'
import { EDIT_CHOICES, EDIT_HELP, EDIT_OPTIONS } from './edit-options.ts'
import { render } from './render.ts'
import { requireTarget, saveOutputs } from './save-outputs.ts'
import { megabytes } from './sources.ts'
import { NAME_HELP, TASK_HELP, TASK_OPTIONS } from './task-options.ts'
import { keyOf, toTaskOf, type Work, workOf } from './work.ts'

const DEFAULT_CONCURRENCY = 4

export const make: Command = {
  summary: 'Render files, URLs or uploads and download the results',
  usage: 'FILE|URL|UPLOAD|-…',
  options: {
    ...EDIT_OPTIONS,
    ...TASK_OPTIONS,
    name: { type: 'string' },
    output: { type: 'string', short: 'o' },
    join: { type: 'boolean' },
    concurrency: { type: 'string' },
    'no-wait': { type: 'boolean' },
  },
  help: {
    ...EDIT_HELP,
    ...TASK_HELP,
    name: NAME_HELP,
    output:
      'PATH of the result, a folder, or - for stdout; with --destination, nothing is downloaded without it',
    join: 'join all inputs into one result, in order',
    concurrency: `NUMBER of inputs at a time (${DEFAULT_CONCURRENCY})`,
    'no-wait': 'create the tasks and print their ids',
  },
  choices: EDIT_CHOICES,
  async run(context) {
    const all = await workOf(context)
    if (all.length > 1 && text(context, 'output') === '-') {
      throw new UsageError('Several results do not fit into stdout; give a folder with -o, or --join them.')
    }
    const concurrency = wholeNumber(context, 'concurrency', 1) ?? DEFAULT_CONCURRENCY
    requireTarget(targetOf(context, all.length))
    const client = await context.connect()
    for (const work of all.slice(0, 1)) await checkEdit(work, client, context)
    const codes = await inParallel(all, concurrency, (work) => makeOne(work, client, context, all.length))
    return Math.max(0, ...codes)
  },
}

/** Resolves to an exit code. Of several inputs, one that fails does not stop the others. */
async function makeOne(work: Work, client: Client, context: Context, count: number) {
  const { terminal, signal } = context
  const { label } = work
  try {
    const task = await toTaskOf(work, client, context)
    if (flag(context, 'no-wait')) {
      const created = await client.tasks.create(task, { signal })
      terminal.result(created, created.id)
      return 0
    }
    await saveResults(await render(task, label, client, context, keyOf(work)), label, client, context, count)
    return 0
  } catch (error) {
    if (count === 1 || signal.aborted) throw error
    terminal.note(`${label} failed.`)
    terminal.fail(error)
    return exitCodeOf(error)
  } finally {
    terminal.endProgress(keyOf(work))
  }
}

/** Several inputs have their results in a folder. */
function targetOf(context: Context, count: number): string | undefined {
  const output = text(context, 'output')
  return count > 1 && output ? `${output}/` : output
}

/** Saves the outputs and prints their paths; of a task with a destination, only where they were sent, unless -o asks for more. */
async function saveResults(
  task: TaskDetails,
  label: string,
  client: Client,
  context: Context,
  count: number,
): Promise<void> {
  const { terminal } = context
  const output = text(context, 'output')
  if (task.destination && output === undefined) {
    terminal.result(task, task.outputs.map(({ name, destination }) => destination ?? name).join('\n'))
    return
  }
  const target = targetOf(context, count)
  const files = await saveOutputs(task, parse(label).name, target, client, context)
  const lines = files.map((file, index) => `${file}  ${megabytes(task.outputs[index]?.bytes ?? 0)} MB`)
  if (target !== '-') terminal.result({ ...task, files }, lines.join('\n'))
}
