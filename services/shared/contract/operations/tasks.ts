import { z } from 'zod'
import { CreateTask, CreateTaskForm } from '../create-task.ts'
import { DryRunQuery, DryRunResult } from '../dry-run.ts'
import { batchExamples, bulkExamples, outputLinkExamples, taskExamples } from '../examples.ts'
import { Uuid } from '../id.ts'
import type { Operation } from '../operation.ts'
import { CreateOutputLink, OutputLink, OutputLinkQuery } from '../outputs/links.ts'
import { CreatedTasks, CreateTasks } from '../tasks/batch.ts'
import { BulkResults, BulkTasks } from '../tasks/bulk.ts'
import { GetTaskQuery, IfNoneMatchHeader } from '../tasks/get-task.ts'
import { ListQuery, Task, TaskDetails, TaskList } from '../tasks.ts'
import { IdempotencyHeader } from './idempotency-header.ts'
import { PreferHeader } from './prefer-header.ts'

const TaskId = z.object({ id: Uuid })
const OutputName = TaskId.extend({ name: z.string().min(1).max(200) })

export const taskOperations = {
  createTask: {
    id: 'createTask',
    method: 'post',
    path: '/tasks',
    summary: 'Create a task',
    description:
      'Give the source as `url`, as `upload_id`, as a list of `sources`, or as `file` of a multipart form. Choose ' +
      'what to render with a `preset` or a `recipe`; the default is the preset `reel`. A recipe may also name its ' +
      'own `sources`.\n\n' +
      'The reply arrives before processing starts. Poll the task, subscribe to its events, or set `notify` to ' +
      'receive a webhook or an e-mail when it has finished. Notifications are delivered at least once.\n\n' +
      'With `?dry_run=1` no task is created. The request is validated, the sources are probed, and the reply lists ' +
      'the outputs with their expected durations and sizes and an estimate of the processing time. Dry runs accept ' +
      'JSON only; create an upload to include a file.',
    tag: 'tasks',
    access: 'user',
    scope: 'tasks:write',
    query: DryRunQuery,
    headers: IdempotencyHeader.extend(PreferHeader.shape),
    body: CreateTask,
    examples: taskExamples,
    form: CreateTaskForm,
    replies: {
      200: { description: 'The result of a dry run', body: DryRunResult },
      202: { description: 'The task was accepted; `Location` is its URL', body: Task },
    },
    problems: [403, 404, 413, 415, 507],
  },
  createTasks: {
    id: 'createTasks',
    method: 'post',
    path: '/tasks/batch',
    summary: 'Create many tasks',
    description:
      'Creates up to 100 tasks in one transaction, as `POST /tasks` creates one. With `mode: each`, tasks that cannot be created, because ' +
      'a source is refused, an upload is missing or a quota is used up, do not affect the others. Quotas count each task. With an ' +
      '`Idempotency-Key`, a repeat returns the first reply, errors included.',
    tag: 'tasks',
    access: 'user',
    scope: 'tasks:write',
    headers: IdempotencyHeader.extend(PreferHeader.shape),
    body: CreateTasks,
    examples: batchExamples,
    replies: { 202: { description: 'A result for each task', body: CreatedTasks } },
    problems: [403, 404, 413, 415],
  },
  listTasks: {
    id: 'listTasks',
    method: 'get',
    path: '/tasks',
    summary: 'List tasks',
    description:
      'Results are paginated. To get the next page, pass `next_page` as `page`, with the same other parameters, until it is null. Tasks are summaries of at ' +
      'most 2 kB: `GET /tasks/{id}` returns the recipe, the sources, the failures and all outputs.',
    tag: 'tasks',
    access: 'user',
    scope: 'tasks:read',
    query: ListQuery,
    replies: { 200: { description: 'A page of tasks', body: TaskList } },
  },
  getTask: {
    id: 'getTask',
    method: 'get',
    path: '/tasks/{id}',
    summary: 'Get a task',
    description:
      'With `wait`, one request replaces many: it is answered when the task has finished. `ETag` changes with everything in the task ' +
      'but `seconds_left`.',
    tag: 'tasks',
    access: 'user',
    scope: 'tasks:read',
    params: TaskId,
    query: GetTaskQuery,
    headers: IfNoneMatchHeader,
    holdsReply: 'wait',
    replies: {
      200: { description: 'The task; `ETag` names this version of it', body: TaskDetails },
      304: { description: 'The task is still the version of `If-None-Match`' },
    },
    problems: [404],
  },
  deleteTask: {
    id: 'deleteTask',
    method: 'delete',
    path: '/tasks/{id}',
    summary: 'Abort or delete a task',
    description:
      'A queued or running task is aborted permanently and stays in the list (200). A finished task is deleted ' +
      'together with its files (204). Do not repeat the request when its reply was lost: the second one may delete what the first ' +
      'one aborted. To abort and never delete, use `POST /tasks/bulk` with `abort`.',
    tag: 'tasks',
    access: 'user',
    scope: 'tasks:write',
    params: TaskId,
    once: true,
    replies: { 200: { description: 'The aborted task', body: Task }, 204: { description: 'Deleted' } },
    problems: [404],
  },
  changeTasks: {
    id: 'changeTasks',
    method: 'post',
    path: '/tasks/bulk',
    summary: 'Abort or delete many tasks',
    description:
      'Each task is changed on its own: the reply is 200 with one result for each id, even if some tasks could not be changed. ' +
      'Repeating the request does no harm. Files of deleted tasks are removed within a few minutes.',
    tag: 'tasks',
    access: 'user',
    scope: 'tasks:write',
    body: BulkTasks,
    examples: bulkExamples,
    replies: { 200: { description: 'A result for each id', body: BulkResults } },
    problems: [413, 415],
  },
  retryTask: {
    id: 'retryTask',
    method: 'post',
    path: '/tasks/{id}/retry',
    summary: 'Retry a failed task',
    description:
      'Queues the task again with a full number of attempts. Chunks that it finished are kept for 24 hours and not ' +
      'repeated. If its status is not `failed`, the reply is 409 `task.not_failed`.',
    tag: 'tasks',
    access: 'user',
    scope: 'tasks:write',
    params: TaskId,
    replies: { 202: { description: 'The task, queued again', body: Task } },
    problems: [404, 409],
  },
  taskEvents: {
    id: 'taskEvents',
    method: 'get',
    path: '/tasks/{id}/events',
    summary: 'Stream task events',
    description:
      'Server-sent events. Each `task` event carries the complete task, as `GET /tasks/{id}` returns it: one is sent immediately, and one after ' +
      'every change. The stream ends when the task has finished, and when the token or API key has expired or was revoked.',
    tag: 'tasks',
    access: 'user',
    scope: 'tasks:read',
    params: TaskId,
    replies: { 200: { description: 'A stream of `task` events', body: 'text/event-stream' } },
    problems: [404],
  },
  getOutput: {
    id: 'getOutput',
    method: 'get',
    path: '/tasks/{id}/outputs/{name}',
    summary: 'Download an output',
    description:
      'Supports a single `Range`. When files are stored in Cloud Storage, the reply redirects to a signed URL that ' +
      'needs no token.',
    tag: 'tasks',
    access: 'user',
    scope: 'tasks:read',
    params: OutputName,
    replies: {
      200: { description: 'The file', body: 'application/octet-stream' },
      206: { description: 'The requested range', body: 'application/octet-stream' },
      302: { description: 'A redirect to a signed URL of the file' },
    },
    problems: [404, 416],
  },
  linkOutput: {
    id: 'linkOutput',
    method: 'post',
    path: '/tasks/{id}/outputs/{name}/links',
    summary: 'Create a link to an output',
    description:
      'Returns a signed URL that downloads the output without a token until it expires: for players, which send no ' +
      'token, and for other people. The link also ends when the task is deleted.',
    tag: 'tasks',
    access: 'user',
    scope: 'tasks:read',
    params: OutputName,
    body: CreateOutputLink,
    examples: outputLinkExamples,
    replies: { 201: { description: 'The link', body: OutputLink } },
    problems: [404],
  },
  getSharedOutput: {
    id: 'getSharedOutput',
    method: 'get',
    path: '/shared/{id}/{name}',
    summary: 'Download an output by its link',
    description:
      'Use the `url` of the link; it is signed, so no token is needed. Replies are those of `GET /tasks/{id}/outputs/{name}`.',
    tag: 'tasks',
    access: 'link',
    params: OutputName,
    query: OutputLinkQuery,
    replies: {
      200: { description: 'The file', body: 'application/octet-stream' },
      206: { description: 'The requested range', body: 'application/octet-stream' },
      302: { description: 'A redirect to a signed URL of the file' },
    },
    problems: [403, 404, 416, 422],
  },
} as const satisfies Record<string, Operation>
