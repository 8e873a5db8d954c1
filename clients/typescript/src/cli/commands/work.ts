import { parse } from 'node:path'
import type { CreateTask } from '../../api.ts'
import type { Client } from '../../client.ts'
import { type Context, flag, text } from '../command.ts'
import { type EditOptions, toTask } from '../edit.ts'
import { UsageError } from '../exit-codes.ts'
import { editOptions } from './edit-options.ts'
import { labelOf, requireReadable, requireSource, toSource } from './sources.ts'
import { extrasOf, nameOf, taskExtras } from './task-options.ts'

/** One task to create or plan: its inputs, a short name for people and files, and what to do with them. */
export type Work = { inputs: string[]; label: string; edit: EditOptions }

/**
 * A task for each argument, or with --join one for all. Everything is checked that needs neither the service nor the files.
 * @throws UsageError
 */
export async function workOf(context: Context): Promise<Work[]> {
  const { positionals } = context
  if (positionals.length === 0 && text(context, 'recipe') === undefined)
    throw new UsageError(
      'Name a FILE or a URL, and what to render, such as --preset reel; --help shows more.',
    )
  for (const input of positionals) requireSource(input)
  const name = nameOf(context)
  const piped = [...positionals, text(context, 'recipe'), text(context, 'destination')].filter(
    (one) => one === '-',
  )
  if (piped.length > 1)
    throw new UsageError('Only one of the inputs, the recipe and the destination can be -.')
  const edit = await editOptions(context)
  const extras = await taskExtras(context)
  const groups =
    flag(context, 'join') || positionals.length === 0 ? [positionals] : positionals.map((one) => [one])
  return groups.map((inputs) => {
    const label = name ?? labelOf(inputs[0] ?? 'result')
    const own = groups.length > 1 ? extrasOf(extras, parse(label).name) : extras
    const work = { inputs, label, edit: { ...edit, extras: own } }
    toTask(
      inputs.map(() => ({ url: 'https://example.org' })),
      work.edit,
    )
    return work
  })
}

/** The task, once its inputs are uploaded. The line `keyOf(work)` shows how far that is. */
export async function toTaskOf(work: Work, client: Client, context: Context): Promise<CreateTask> {
  const filename = text(context, 'name')
  const sources = []
  await requireReadable(work.inputs)
  for (const input of work.inputs)
    sources.push(await toSource(input, client, context, { filename, key: keyOf(work) }))
  return toTask(sources, work.edit)
}

/** Names the line of progress of the work. */
export const keyOf = ({ inputs, label }: Work) => inputs[0] ?? label
