import type { Task, TaskDetails, TaskStatus, TaskSummary } from '../../api.ts'
import { CutroomError } from '../../errors.ts'
import { isFinished } from '../../tasks/follow.ts'
import type { TaskFilter } from '../../tasks/tasks.ts'
import { type Command, type Context, flag, onlyArgument, pairs, text, wholeNumber } from '../command.ts'
import { UsageError } from '../exit-codes.ts'
import { watchTask } from './render.ts'
import { requireTarget, saveOutputs } from './save-outputs.ts'
import { megabytes } from './sources.ts'

const DEFAULT_MAX = 20

const STATUSES = ['queued', 'running', 'succeeded', 'failed', 'aborted'] as const satisfies TaskStatus[]

export const list: Command = {
  summary: 'List tasks, the newest first',
  usage: '',
  options: {
    status: { type: 'string' },
    metadata: { type: 'string', multiple: true },
    search: { type: 'string' },
    sort: { type: 'string' },
    'oldest-first': { type: 'boolean' },
    max: { type: 'string' },
  },
  help: {
    status: `${STATUSES.join(', ')}; several are separated by commas`,
    metadata: 'KEY=VALUE that the tasks have; of several --metadata, all',
    search: 'TEXT in the name of a source or an output',
    sort: 'created, or finished, which leaves out tasks that have not',
    'oldest-first': 'begin with the oldest',
    max: `NUMBER of tasks (${DEFAULT_MAX})`,
  },
  choices: { status: STATUSES, sort: ['created', 'finished'] },
  async run(context) {
    const max = wholeNumber(context, 'max', 1) ?? DEFAULT_MAX
    const filter = listFilter(context)
    const client = await context.connect()
    let count = 0
    for await (const task of client.tasks.list({ ...filter, signal: context.signal })) {
      context.terminal.result(task, toLine(task))
      if (++count === max) break
    }
    return undefined
  },
}

/** The values are checked by the service. */
function listFilter(context: Context): TaskFilter {
  const status = text(context, 'status')?.split(',') as TaskStatus[] | undefined
  const metadata = pairs(context, 'metadata')
  const search = text(context, 'search')
  const sort = text(context, 'sort') as TaskFilter['sort']
  return {
    oldestFirst: flag(context, 'oldest-first'),
    ...(status && { status }),
    ...(metadata && { metadata }),
    ...(search !== undefined && { search }),
    ...(sort && { sort }),
  }
}

export const get: Command = {
  summary: 'Show a task',
  usage: 'TASK',
  async run(context) {
    const client = await context.connect()
    const task = await client.tasks.get(onlyArgument(context, 'task id'), { signal: context.signal })
    context.terminal.result(task, toLines(task).join('\n'))
    return undefined
  },
}

export const watch: Command = {
  summary: 'Follow a task until it has finished; the exit code is that of its result',
  usage: 'TASK',
  async run(context) {
    const id = onlyArgument(context, 'task id')
    const task = await watchTask(id, id.slice(0, 8), await context.connect(), context)
    context.terminal.result(task, toLines(task).join('\n'))
    return undefined
  },
}

export const abort: Command = {
  summary: 'Abort a task that is queued or running',
  usage: 'TASK',
  async run(context) {
    const { signal, terminal } = context
    const id = onlyArgument(context, 'task id')
    const client = await context.connect()
    terminal.result(await client.tasks.abort(id, { signal }), `${id} aborted`)
    return undefined
  },
}

export const remove: Command = {
  summary: 'Delete a task that has finished, with its files',
  usage: 'TASK',
  async run(context) {
    const { signal, terminal } = context
    const id = onlyArgument(context, 'task id')
    const client = await context.connect()
    const task = await client.tasks.get(id, { signal })
    if (!isFinished(task)) throw new UsageError(`The task is ${task.status}; cutroom abort ends it first.`)
    await client.tasks.delete(id, { signal })
    terminal.result({ id, deleted: true }, `${id} deleted`)
    return undefined
  },
}

export const retry: Command = {
  summary: 'Queue a failed task again',
  usage: 'TASK',
  async run(context) {
    const client = await context.connect()
    const task = await client.tasks.retry(onlyArgument(context, 'task id'), { signal: context.signal })
    context.terminal.result(task, toLine(task))
    return undefined
  },
}

export const download: Command = {
  summary: 'Download the outputs of a task, or those that are named',
  usage: 'TASK [NAME…]',
  options: { output: { type: 'string', short: 'o' } },
  help: { output: 'PATH of the file, a folder, or - for stdout' },
  async run(context) {
    const { signal, terminal } = context
    const [id, ...names] = context.positionals
    if (!id) throw new UsageError('Give one task id.')
    requireTarget(text(context, 'output'))
    const client = await context.connect()
    const task = await client.tasks.get(id, { signal })
    const unknown = names.filter((name) => !task.outputs.some((output) => output.name === name))
    if (task.outputs.length === 0 || unknown.length > 0) throw noOutput(task, unknown)
    const outputs = task.outputs.filter(({ name }) => names.length === 0 || names.includes(name))
    const target = text(context, 'output')
    const files = await saveOutputs({ id, outputs }, id.slice(0, 8), target, client, context)
    if (target !== '-') terminal.result({ id, files }, files.join('\n'))
    return undefined
  },
}

function noOutput({ id, status, outputs }: TaskDetails, unknown: string[]): CutroomError {
  const names = outputs.map(({ name }) => name).join(', ')
  const what =
    unknown.length > 0 ? `Task ${id} has no output ${unknown.join(', ')}` : `Task ${id} has no outputs`
  const advice = names ? `It has ${names}.` : `It is ${status}.`
  return new CutroomError('client.input_invalid', `${what}.`, { advice, status: 404 })
}

function toLine({ id, status, progress, created_at, preset, name }: Task | TaskSummary): string {
  const at = created_at.slice(0, 19).replace('T', ' ')
  return `${id}  ${status.padEnd(9)} ${String(progress).padStart(3)} %  ${at}  ${(preset ?? 'recipe').padEnd(7)}  ${name ?? ''}`
}

function toLines(task: TaskDetails): string[] {
  const outputs = task.outputs.map(({ name, bytes, seconds, width, height }) => {
    const size = width ? `  ${width}x${height}` : ''
    return `  ${name}  ${seconds ? `${seconds} s` : ''}${size}  ${megabytes(bytes)} MB`
  })
  const failure = task.error ? [`  ${task.error.message} (${task.error.code})`] : []
  return [toLine(task), ...failure, ...outputs]
}
