import { z } from 'zod'
import { LoginRequest, SignupRequest, Token, User } from './auth.ts'
import { presetList } from './presets.ts'
import { CreateTask, CreateTaskForm, ListQuery, Task, TaskList } from './tasks.ts'
import { Upload, UploadRequest } from './uploads.ts'

/** What is asked of a caller: nothing, a user's token, or a signature inside the link itself. */
export type Access = 'public' | 'user' | 'link'

export type Operation = {
  id: string
  method: 'get' | 'post' | 'put' | 'delete'
  /** As OpenAPI writes it: {name} for a parameter; {+name} may hold slashes (RFC 6570). */
  path: string
  summary: string
  tag: 'accounts' | 'tasks' | 'uploads' | 'service'
  access: Access
  params?: z.ZodObject
  query?: z.ZodObject
  headers?: z.ZodObject
  body?: z.ZodType
  /** A multipart form that may stand in the body's place. */
  form?: z.ZodObject
  /** Status → schema of the JSON reply; a string is the content type of a reply that is no JSON. */
  replies: Record<number, { description: string; body?: z.ZodType | string }>
  /** Statuses of problems beside those that every operation can answer. */
  problems?: number[]
}

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
    tag: 'accounts',
    access: 'public',
    body: SignupRequest,
    replies: { 201: { description: 'The account', body: User } },
    problems: [409],
  },
  login: {
    id: 'login',
    method: 'post',
    path: '/auth/login',
    summary: 'Get a token',
    tag: 'accounts',
    access: 'public',
    body: LoginRequest,
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
  createTask: {
    id: 'createTask',
    method: 'post',
    path: '/tasks',
    summary: 'Hand over a video',
    tag: 'tasks',
    access: 'user',
    headers: Idempotency,
    body: CreateTask,
    form: CreateTaskForm,
    replies: { 202: { description: 'Accepted; Location says where to look', body: Task } },
    problems: [413, 415],
  },
  listTasks: {
    id: 'listTasks',
    method: 'get',
    path: '/tasks',
    summary: 'Your tasks',
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
    summary: 'Progress and state as server-sent events; each event `task` carries the task',
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
    tag: 'uploads',
    access: 'user',
    headers: Idempotency,
    body: UploadRequest,
    replies: { 201: { description: 'Where to PUT the bytes', body: Upload } },
  },
  putUpload: {
    id: 'putUpload',
    method: 'put',
    path: '/uploads/content/{+key}',
    summary: 'PUT the bytes to the link that createUpload gave (on Cloud Storage the link leads there)',
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
    replies: { 200: { description: 'The presets', body: presetList } },
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
