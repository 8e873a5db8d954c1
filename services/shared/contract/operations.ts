import { z } from 'zod'
import { LoginRequest, SignupRequest, Token, User } from './auth.ts'
import { DryRunQuery, DryRunResult } from './dry-run.ts'
import { loginExamples, signupExamples, taskExamples, uploadExamples } from './examples.ts'
import { WebhookSecret } from './notify.ts'
import type { Operation } from './operation.ts'
import { PresetList } from './presets.ts'
import { CreateTask, CreateTaskForm, ListQuery, Task, TaskList } from './tasks.ts'
import { Upload, UploadRequest } from './uploads.ts'

export { type Access, type Operation, tags } from './operation.ts'

const TaskId = z.object({ id: z.uuid() })
const OutputName = TaskId.extend({ name: z.string().min(1).max(200) })
const Idempotency = z.object({
  'idempotency-key': z.string().min(1).max(200).optional().meta({
    description: 'A repeat with the same key gets the first reply and makes nothing new. Kept 24 h.',
  }),
})
const LinkQuery = z.looseObject({})

/** Every call of the REST API: the one table that routes, documents and tests are made from. */
export const operations = {
  signup: {
    id: 'signup',
    method: 'post',
    path: '/auth/signup',
    summary: 'Open an account',
    description:
      'User name and e-mail are each taken once, whatever their case. Answers 409 `user.exists` otherwise.',
    tag: 'accounts',
    access: 'public',
    body: SignupRequest,
    examples: signupExamples,
    replies: { 201: { description: 'The account', body: User } },
    problems: [409],
  },
  login: {
    id: 'login',
    method: 'post',
    path: '/auth/login',
    summary: 'Get a token',
    description: 'The token lasts `expires_in` seconds. An unknown e-mail and a wrong password answer alike.',
    tag: 'accounts',
    access: 'public',
    body: LoginRequest,
    examples: loginExamples,
    replies: { 200: { description: 'A token for the Authorization header', body: Token } },
    problems: [401],
  },
  me: {
    id: 'me',
    method: 'get',
    path: '/auth/me',
    summary: 'Who the token belongs to',
    tag: 'accounts',
    access: 'user',
    replies: { 200: { description: 'The account', body: User } },
  },
  webhookSecret: {
    id: 'webhookSecret',
    method: 'get',
    path: '/auth/webhook-secret',
    summary: 'The secret your webhooks are signed with',
    description: 'Verify a delivery with it as [Standard Webhooks](https://www.standardwebhooks.com) says.',
    tag: 'accounts',
    access: 'user',
    replies: { 200: { description: 'The secret', body: WebhookSecret } },
  },
  replaceWebhookSecret: {
    id: 'replaceWebhookSecret',
    method: 'post',
    path: '/auth/webhook-secret',
    summary: 'Get another secret for your webhooks',
    description: 'All that is sent from now on is signed with the new one; the old one is gone.',
    tag: 'accounts',
    access: 'user',
    replies: { 200: { description: 'The new secret', body: WebhookSecret } },
  },
  createTask: {
    id: 'createTask',
    method: 'post',
    path: '/tasks',
    summary: 'Hand over a video',
    description:
      'Name the source by `url`, by `upload_id`, or send it as `file` of a multipart form; say what to make with ' +
      '`preset` or with a `recipe` of your own. Neither means the preset `reel`. The reply comes before the work: ' +
      "follow it with getTask or taskEvents, or have its end told to you: `notify` names a webhook, the account's " +
      'e-mail address, or both, each told at least once.\n\n' +
      'With `?dry_run=1` nothing is made: everything is checked as for a task, the sources are looked at, and the ' +
      'reply is the plan, with the outputs, their expected lengths and sizes, and about what the work would take. ' +
      'A dry run takes JSON alone; a file is put into an upload first.',
    tag: 'tasks',
    access: 'user',
    query: DryRunQuery,
    headers: Idempotency,
    body: CreateTask,
    examples: taskExamples,
    form: CreateTaskForm,
    replies: {
      200: { description: 'The plan, of a dry run', body: DryRunResult },
      202: { description: 'Accepted; Location says where to look', body: Task },
    },
    problems: [404, 413, 415],
  },
  listTasks: {
    id: 'listTasks',
    method: 'get',
    path: '/tasks',
    summary: 'Your tasks',
    description: 'A page at a time: as long as `next_page` is not null, send it as `page` for the next one.',
    tag: 'tasks',
    access: 'user',
    query: ListQuery,
    replies: { 200: { description: 'A page of tasks', body: TaskList } },
  },
  getTask: {
    id: 'getTask',
    method: 'get',
    path: '/tasks/{id}',
    summary: 'One task',
    tag: 'tasks',
    access: 'user',
    params: TaskId,
    replies: { 200: { description: 'The task', body: Task } },
    problems: [404],
  },
  deleteTask: {
    id: 'deleteTask',
    method: 'delete',
    path: '/tasks/{id}',
    summary: 'Abort an active task, remove a finished one with its files',
    description:
      'A queued or running task is aborted, at once and for good, and stays in the list (200). A task that is ' +
      'over is removed with all its files (204).',
    tag: 'tasks',
    access: 'user',
    params: TaskId,
    replies: { 200: { description: 'Aborted', body: Task }, 204: { description: 'Removed' } },
    problems: [404],
  },
  retryTask: {
    id: 'retryTask',
    method: 'post',
    path: '/tasks/{id}/retry',
    summary: 'Try a failed task again, with all its attempts before it',
    description: 'Only for a task with status `failed`; any other answers 409 `task.not_failed`.',
    tag: 'tasks',
    access: 'user',
    params: TaskId,
    replies: { 202: { description: 'Queued again', body: Task } },
    problems: [404, 409],
  },
  taskEvents: {
    id: 'taskEvents',
    method: 'get',
    path: '/tasks/{id}/events',
    summary: 'Progress and state as server-sent events',
    description:
      'Each event `task` carries the whole task. The first comes at once, the next with every change, and the stream ends when the task is over.',
    tag: 'tasks',
    access: 'user',
    params: TaskId,
    replies: { 200: { description: 'A stream that ends when the task does', body: 'text/event-stream' } },
    problems: [404],
  },
  getOutput: {
    id: 'getOutput',
    method: 'get',
    path: '/tasks/{id}/outputs/{name}',
    summary: 'The bytes of an output, or a redirect to them',
    description:
      'Takes one `Range`. Where files are on Cloud Storage the reply is a redirect to a link that needs no token.',
    tag: 'tasks',
    access: 'user',
    params: OutputName,
    replies: {
      200: { description: 'All bytes', body: 'application/octet-stream' },
      206: { description: 'The range asked for', body: 'application/octet-stream' },
      302: { description: 'A signed link to the bytes' },
    },
    problems: [404, 416],
  },
  createUpload: {
    id: 'createUpload',
    method: 'post',
    path: '/uploads',
    summary: 'Get a place to PUT a file',
    description:
      'PUT the bytes to `url` with `headers`: whole, or in chunks with `Content-Range`, as in a resumable ' +
      'session of Cloud Storage. Then name `upload_id` in a task, as often as you like.',
    tag: 'uploads',
    access: 'user',
    headers: Idempotency,
    body: UploadRequest,
    examples: uploadExamples,
    replies: { 201: { description: 'Where to PUT the bytes', body: Upload } },
  },
  putUpload: {
    id: 'putUpload',
    method: 'put',
    path: '/uploads/content/{+key}',
    summary: 'Put the bytes of an upload',
    description:
      'Use the link that createUpload gave; it is signed and needs no token. Where files are on Cloud Storage the ' +
      'link leads there, and this operation is not used. ' +
      '`Content-Range: bytes 0-8388607/20000000` sends a chunk; `bytes */20000000` without a body asks how much ' +
      'is in. 308 with a `Range` header says where to go on; without one, nothing is in yet.',
    tag: 'uploads',
    access: 'link',
    params: z.object({ key: z.string() }),
    query: LinkQuery,
    replies: {
      201: { description: 'All bytes are in' },
      308: { description: 'Go on after the Range named' },
    },
    problems: [403, 409, 413],
  },
  presets: {
    id: 'presets',
    method: 'get',
    path: '/presets',
    summary: 'Named recipes',
    tag: 'service',
    access: 'public',
    replies: { 200: { description: 'The presets', body: PresetList } },
  },
  openapi: {
    id: 'openapi',
    method: 'get',
    path: '/openapi.json',
    summary: 'This contract',
    tag: 'service',
    access: 'public',
    replies: { 200: { description: 'OpenAPI 3.1', body: z.looseObject({ openapi: z.string() }) } },
  },
  metrics: {
    id: 'metrics',
    method: 'get',
    path: '/metrics',
    summary: 'Figures for Prometheus',
    tag: 'service',
    access: 'public',
    replies: { 200: { description: 'Prometheus text', body: 'text/plain' } },
  },
  live: {
    id: 'live',
    method: 'get',
    path: '/health/live',
    summary: 'The process is up',
    tag: 'service',
    access: 'public',
    replies: { 200: { description: 'Up', body: z.object({ status: z.literal('ok') }) } },
  },
  ready: {
    id: 'ready',
    method: 'get',
    path: '/health/ready',
    summary: 'Database and storage answer',
    tag: 'service',
    access: 'public',
    replies: { 200: { description: 'Ready', body: z.object({ status: z.literal('ok') }) } },
    problems: [503],
  },
} as const satisfies Record<string, Operation>

export type OperationId = keyof typeof operations
