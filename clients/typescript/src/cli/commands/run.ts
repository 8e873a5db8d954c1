import { mkdir, readdir, rename, stat } from 'node:fs/promises'
import { extname, join, parse } from 'node:path'
import type { Recipe, TaskDetails } from '../../api.ts'
import type { Client } from '../../client.ts'
import { sleep } from '../../http/backoff.ts'
import { typeOf } from '../../uploads/media-types.ts'
import { type Command, type Context, flag, wholeNumber } from '../command.ts'
import { type TaskExtras, toTask } from '../edit.ts'
import { exitCodeOf, UsageError } from '../exit-codes.ts'
import { inParallel } from '../parallel.ts'
import { checkEdit } from './check-edit.ts'
import { readJson } from './edit-options.ts'
import { render } from './render.ts'
import { toSource } from './sources.ts'
import { extrasOf, TASK_HELP, TASK_OPTIONS, taskExtras } from './task-options.ts'

const DEFAULT_CONCURRENCY = 4
const POLL_MS = 2000

type Input = { name: string; bytes: number; modified: number }

export const run: Command = {
  summary: 'Render every video and audio file of a folder that has no result yet',
  usage: 'RECIPE.json IN/ OUT/',
  options: { ...TASK_OPTIONS, watch: { type: 'boolean', short: 'w' }, concurrency: { type: 'string' } },
  help: {
    ...TASK_HELP,
    watch: 'go on with files that arrive later, until Ctrl-C',
    concurrency: `NUMBER of files at a time (${DEFAULT_CONCURRENCY})`,
  },
  async run(context) {
    const [recipePath, from, to, ...more] = context.positionals
    if (!recipePath || !from || !to || more.length > 0)
      throw new UsageError('Give a recipe and two folders: cutroom run recipe.json IN/ OUT/')
    const recipe = await readJson(recipePath)
    const extras = await taskExtras(context)
    toTask([{ url: 'https://example.org' }], { recipe, extras: extrasOf(extras, 'name') })
    const client = await context.connect()
    const concurrency = wholeNumber(context, 'concurrency', 1) ?? DEFAULT_CONCURRENCY
    await mkdir(to, { recursive: true }).catch((error) => {
      throw new UsageError(`Could not create the folder ${to}: ${error.code}.`)
    })
    await checkEdit(
      { inputs: [from], label: from, edit: { recipe, extras: extrasOf(extras, 'name') } },
      client,
      context,
    )
    const seen = new Set<string>()
    let code = 0
    let before: Input[] | undefined
    do {
      const inputs = await mediaIn(from)
      const ready = flag(context, 'watch') ? unchanged(inputs, before ?? []) : inputs
      const pending = (await withoutResult(ready, to)).filter((input) => !seen.has(keyOf(input)))
      for (const input of pending) seen.add(keyOf(input))
      if (pending.length === 0 && !flag(context, 'watch'))
        context.terminal.note(nothingToRender(from, to, inputs))
      const codes = await inParallel(pending, concurrency, (input) =>
        runOne(input, { recipe: recipe as Recipe, extras, from, to, client, context }),
      )
      code = Math.max(code, ...codes)
      before = inputs
      if (flag(context, 'watch')) await sleep(POLL_MS, context.signal)
    } while (flag(context, 'watch'))
    return code
  },
}

const nothingToRender = (from: string, to: string, { length }: Input[]) =>
  length === 0
    ? `${from} has no video or audio file.`
    : `Nothing to render: ${to} already has a result for every file in ${from} (${length}).`

type Folders = {
  recipe: Recipe
  extras: TaskExtras
  from: string
  to: string
  client: Client
  context: Context
}

/** Resolves to an exit code: a file that fails does not stop the others. It is tried again by the next call. */
async function runOne(input: Input, { recipe, extras, from, to, client, context }: Folders): Promise<number> {
  const { terminal, signal } = context
  try {
    const stem = parse(input.name).name
    const edit = { recipe, extras: extrasOf(extras, stem) }
    const source = await toSource(join(from, input.name), client, context, { key: input.name })
    const done = await render(toTask([source], edit), input.name, client, context, input.name)
    const result = await saveResult(done, join(to, stem), client, signal)
    terminal.result({ input: input.name, task_id: done.id, result }, `${input.name} → ${result}`)
    return 0
  } catch (error) {
    if (signal.aborted) throw error
    terminal.note(`${input.name} failed.`)
    terminal.fail(error)
    return exitCodeOf(error)
  } finally {
    terminal.endProgress(input.name)
  }
}

/** One output as STEM.ext, several as a folder STEM; either appears when it is complete. Resolves to its path. */
async function saveResult(
  { id, outputs }: TaskDetails,
  stem: string,
  client: Client,
  signal: AbortSignal,
): Promise<string> {
  const [first] = outputs
  if (outputs.length === 1 && first) {
    const path = `${stem}${extname(first.name)}`
    await client.tasks.outputs.save(id, first.name, path, { signal })
    return path
  }
  const partial = `${stem}.part`
  await mkdir(partial, { recursive: true })
  for (const { name } of outputs) await client.tasks.outputs.save(id, name, join(partial, name), { signal })
  await rename(partial, stem)
  return stem
}

/** @throws UsageError when the folder cannot be read, or two files would have the same result. */
async function mediaIn(folder: string): Promise<Input[]> {
  const names = await readdir(folder).catch((error) => {
    throw new UsageError(`Could not read the folder ${folder}: ${error.code}.`)
  })
  const media = names.filter((name) => !name.startsWith('.') && /^(video|audio)\//.test(typeOf(name))).sort()
  const stems = media.map((name) => parse(name).name)
  const twice = media.find((_, index) => stems.indexOf(stems[index] ?? '') !== index)
  if (twice) throw new UsageError(`${twice} and another file would have the same result; rename one of them.`)
  const inputs = media.map(async (name) => {
    const { size, mtimeMs } = await stat(join(folder, name))
    return { name, bytes: size, modified: mtimeMs }
  })
  return Promise.all(inputs)
}

/** Files that did not change since the last poll: the others are still being copied. Pure. */
const unchanged = (inputs: Input[], before: Input[]) => {
  const known = new Set(before.map(keyOf))
  return inputs.filter((input) => input.bytes > 0 && known.has(keyOf(input)))
}

const keyOf = ({ name, bytes, modified }: Input) => JSON.stringify([name, bytes, modified])

async function withoutResult(inputs: Input[], folder: string): Promise<Input[]> {
  const results = new Set(
    (await readdir(folder, { withFileTypes: true }))
      .filter(({ name }) => !name.endsWith('.part'))
      // The folder of several outputs has no extension: a dot in its name belongs to the name.
      .map((entry) => (entry.isDirectory() ? entry.name : parse(entry.name).name)),
  )
  return inputs.filter(({ name }) => !results.has(parse(name).name))
}
