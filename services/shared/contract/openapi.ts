import { createDocument, type ZodOpenApiOperationObject, type ZodOpenApiPathsObject } from 'zod-openapi'
import { type Operation, operations, tags } from './operations.ts'
import { Problem } from './problem.ts'

/** Problems that any operation of an access can answer. */
const commonProblems = { public: [400, 422, 429, 503], user: [400, 401, 422, 429, 503], link: [400, 503] }

const problemTitles: Record<number, string> = {
  400: 'The request could not be read',
  401: 'No valid token',
  403: 'Not allowed',
  404: 'No such thing, or not yours',
  409: 'Taken already',
  413: 'Too large',
  415: 'Unknown content type',
  416: 'No such range',
  422: 'Wrong fields, each named in errors',
  429: 'Too many requests; Retry-After says when to come back',
  503: 'Something this service needs does not answer; try again',
}

const introduction = [
  'Hand over a video, get back finished clips.',
  'Start with `POST /auth/signup` and `POST /auth/login`; the token goes into `Authorization: Bearer <token>`.',
  'Then `POST /tasks`, and `GET /tasks/{id}` until its status is `succeeded`, `failed` or `aborted`.',
  'Errors are `application/problem+json` (RFC 9457) with a stable `code`; docs/errors.md lists them all.',
].join('\n\n')

/** The contract as an OpenAPI 3.1 document. Pure: the same table gives the same document. */
export function describeApi(serverUrl: string, version: string) {
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
    },
    // A recipe as a reply shows it has its defaults filled in.
    { outputIdSuffix: 'Complete' },
  )
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
  const statuses = [...commonProblems[operation.access], ...(operation.problems ?? [])].sort()
  return Object.fromEntries(
    statuses.map((status) => [
      status,
      {
        description: problemTitles[status] ?? 'A problem',
        content: { 'application/problem+json': { schema: Problem } },
      },
    ]),
  )
}
