import { createDocument, type ZodOpenApiOperationObject, type ZodOpenApiPathsObject } from 'zod-openapi'
import { CATALOGUE, type ErrorCode } from '../errors.ts'
import { type Operation, operations, tags } from './operations.ts'
import { Problem } from './problem.ts'
import { TaskEvent, WebhookHeaders } from './task-event.ts'

/** Problems that any operation of an access can answer. */
const commonProblems = { public: [400, 422, 429, 503], user: [400, 401, 422, 429, 503], link: [400, 503] }

const problemKinds: Record<number, { description: string; code: ErrorCode }> = {
  400: { description: 'The request could not be read', code: 'request.malformed' },
  401: { description: 'No valid token', code: 'auth.required' },
  403: { description: 'Not allowed', code: 'upload.link_invalid' },
  404: { description: 'No such thing, or not yours', code: 'task.not_found' },
  408: { description: 'The body came too slowly', code: 'request.timed_out' },
  409: { description: 'Does not go with what is there', code: 'user.exists' },
  413: { description: 'Too large', code: 'request.too_large' },
  415: { description: 'Unknown content type', code: 'request.unsupported_type' },
  416: { description: 'No such range', code: 'request.range_not_satisfiable' },
  422: { description: 'Wrong fields, each named in errors', code: 'request.invalid' },
  429: {
    description: 'Too many requests; Retry-After says when to come back',
    code: 'request.rate_limited',
  },
  503: {
    description: 'Something this service needs does not answer; try again',
    code: 'database.unavailable',
  },
}

const introduction = [
  'Hand over a video, get back finished clips.',
  'Start with `POST /auth/signup` and `POST /auth/login`; the token goes into `Authorization: Bearer <token>`.',
  'Then `POST /tasks`, and `GET /tasks/{id}` until its status is `succeeded`, `failed` or `aborted`.',
  'Errors are `application/problem+json` (RFC 9457) with a stable `code`; docs/errors.md lists them all.',
].join('\n\n')

/** The contract as an OpenAPI 3.1 document. Pure: the same table gives the same document. */
export function buildOpenApi(serverUrl: string, version: string) {
  return createDocument(
    {
      openapi: '3.1.0',
      info: {
        title: 'Cutroom',
        version,
        description: introduction,
        license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
      },
      servers: [{ url: serverUrl }],
      tags: Object.entries(tags).map(([name, description]) => ({ name, description })),
      components: {
        securitySchemes: {
          token: {
            type: 'http',
            scheme: 'bearer',
            bearerFormat: 'JWT',
            description: 'What POST /auth/login answers.',
          },
        },
      },
      paths: paths(),
      webhooks: { taskEnded },
    },
    // A recipe as a reply shows it has its defaults filled in.
    { outputIdSuffix: 'Complete', override: exemplify },
  )
}

/** What this service calls, rather than answers. */
const taskEnded: ZodOpenApiPathsObject[string] = {
  post: {
    operationId: 'taskEnded',
    summary: 'A task has ended',
    description:
      'POSTed to the webhook of a task. Any 2xx within 10 seconds means that it was taken; the rest is sent ' +
      'again, ever more seldom, for about a day, and 410 ends that. It can come more than once.',
    tags: ['tasks'],
    security: [],
    requestParams: { header: WebhookHeaders },
    requestBody: { required: true, content: { 'application/json': { schema: TaskEvent } } },
    responses: { 204: { description: 'Taken' } },
  },
}

function paths(): ZodOpenApiPathsObject {
  const result: Record<string, Record<string, ZodOpenApiOperationObject>> = {}
  for (const operation of Object.values<Operation>(operations)) {
    const path = operation.path.replace('{+', '{')
    result[path] ??= {}
    Object.assign(result[path] ?? {}, { [operation.method]: describeOperation(operation) })
  }
  return result
}

function describeOperation(operation: Operation): ZodOpenApiOperationObject {
  return {
    operationId: operation.id,
    summary: operation.summary,
    ...(operation.description && { description: operation.description }),
    tags: [operation.tag],
    security: operation.access === 'user' ? [{ token: [] }] : [],
    requestParams: {
      ...(operation.params && { path: operation.params }),
      ...(operation.query && { query: operation.query }),
      ...(operation.headers && { header: operation.headers }),
    },
    ...(operation.body && { requestBody: { required: true, content: requestContent(operation) } }),
    responses: { ...replies(operation), ...problems(operation) },
  }
}

function requestContent({ body, form, examples }: Operation) {
  const shown = Object.entries(examples ?? {}).map(([name, value]) => [name, { value }])
  return {
    'application/json': { schema: body, ...(examples && { examples: Object.fromEntries(shown) }) },
    ...(form && { 'multipart/form-data': { schema: form } }),
  }
}

function replies(operation: Operation) {
  return Object.fromEntries(
    Object.entries(operation.replies).map(([status, { description, body }]) => [
      status,
      {
        description,
        ...(typeof body === 'string' && { content: { [body]: { schema: { type: 'string' as const } } } }),
        ...(typeof body === 'object' && { content: { 'application/json': { schema: body } } }),
      },
    ]),
  )
}

function problems(operation: Operation) {
  const ofBodies = operation.body ? [408, 413, 415] : []
  const statuses = new Set([...commonProblems[operation.access], ...ofBodies, ...(operation.problems ?? [])])
  return Object.fromEntries([...statuses].sort().map((status) => [status, describeProblem(status)]))
}

function describeProblem(status: number) {
  const { description, code } = problemKinds[status] ?? { description: 'A problem', code: 'internal.bug' }
  const { title } = CATALOGUE[code]
  const errors = status === 422 && { errors: [{ path: 'name.of.a.field', message: 'what is wrong with it' }] }
  const example = { type: 'about:blank', title, status, code, detail: `${title}.`, ...errors }
  return { description, content: { 'application/problem+json': { schema: Problem, example } } }
}

/** What a date and an id look like: without this, documentation pages make them up at random. */
function exemplify({ jsonSchema }: { jsonSchema: { format?: unknown; examples?: unknown[] } }): void {
  if (jsonSchema.format === 'date-time') jsonSchema.examples ??= ['2026-11-20T12:00:00.000Z']
  if (jsonSchema.format === 'uuid') jsonSchema.examples ??= ['0d7c3f0e-5b1c-4c53-9a55-3f1f0c3b8a11']
}
