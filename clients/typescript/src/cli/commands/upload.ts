import type { Client } from '../../client.ts'
import { type Command, type Context, wholeNumber } from '../command.ts'
import { exitCodeOf, UsageError } from '../exit-codes.ts'
import { inParallel } from '../parallel.ts'
import { sourceRef } from './edit-options.ts'
import { labelOf, requireReadable, uploadInput } from './sources.ts'
import { NAME_HELP, nameOf } from './task-options.ts'

const DEFAULT_CONCURRENCY = 4

export const upload: Command = {
  summary: 'Upload files, for recipes and other programs, and print their upload ids',
  usage: 'FILE|-…',
  options: { name: { type: 'string' }, concurrency: { type: 'string' } },
  help: { name: NAME_HELP, concurrency: `NUMBER of files at a time (${DEFAULT_CONCURRENCY})` },
  async run(context) {
    const { positionals } = context
    if (positionals.length === 0) throw new UsageError('Name a FILE, or - for stdin.')
    const uploaded = positionals.find(sourceRef)
    if (uploaded) throw new UsageError(`${uploaded} needs no upload: it is a source as it is.`)
    const name = nameOf(context)
    const concurrency = wholeNumber(context, 'concurrency', 1) ?? DEFAULT_CONCURRENCY
    const client = await context.connect()
    const codes = await inParallel(positionals, concurrency, (input) =>
      uploadOne(input, name, client, context),
    )
    return Math.max(0, ...codes)
  },
}

/** Resolves to an exit code. Of several files, one that fails does not stop the others. */
async function uploadOne(input: string, filename: string | undefined, client: Client, context: Context) {
  const { terminal, signal, positionals } = context
  try {
    await requireReadable([input])
    const upload_id = await uploadInput(input, client, context, { filename })
    terminal.result(
      { input, upload_id },
      positionals.length === 1 ? upload_id : `${upload_id}  ${labelOf(input)}`,
    )
    return 0
  } catch (error) {
    if (positionals.length === 1 || signal.aborted) throw error
    terminal.note(`${labelOf(input)} failed.`)
    terminal.fail(error)
    return exitCodeOf(error)
  } finally {
    terminal.endProgress(input)
  }
}
