import { z } from 'zod'
import { createDocument, type ZodOpenApiOperationObject, type ZodOpenApiPathsObject } from 'zod-openapi'
import { errorReplies } from './openapi/error-replies.ts'
import { type Operation, operations, tags } from './operations.ts'
import { TaskEvent, WebhookHeaders } from './task-event.ts'
import { WebhookEvent } from './webhooks/webhook-event.ts'

const INTRODUCTION = [
  'Cutroom is a self-hosted video-processing API: send a file or a URL and a recipe, get back trimmed, joined, ' +
    'branded or transcoded clips.',
  'Create an account with `POST /auth/signup`, get a token with `POST /auth/login`, and send it as ' +
    '`Authorization: Bearer <token>`. Programs send an API key of `POST /auth/keys` in the same way. Create a task with `POST /tasks` and poll `GET /tasks/{id}` until its status ' +
    'is `succeeded`, `failed` or `aborted`.',
  'Errors are `application/problem+json` (RFC 9457) with a stable `code`. docs/errors.md lists all codes.',
].join('\n\n')

/** The contract as an OpenAPI 3.1 document. Pure: the same contract always gives the same document. */
export function buildOpenApi(serverUrl: string, version: string) {
  return createDocument(
    {
      openapi: '3.1.0',
      info: {
        title: 'Cutroom',
        version,
        description: INTRODUCTION,
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
            description: 'The token that `POST /auth/login` returns. It has every scope.',
          },
          api_key: {
            type: 'http',
            scheme: 'bearer',
            bearerFormat: 'ck_…',
            description:
              'An API key that `POST /auth/keys` returned. Each operation names the scope that it needs; without it, ' +
              'the reply is 403 `auth.scope_missing`.',
          },
        },
      },
      paths: buildPaths(),
      webhooks: { taskFinished, event },
    },
    // Replies have all defaults filled in, so a schema that is used in both directions needs two descriptions.
    { outputIdSuffix: 'Complete', override: describeValues },
  )
}

/** The request that this service sends to a task's webhook. */
const taskFinished: ZodOpenApiPathsObject[string] = {
  post: {
    operationId: 'taskFinished',
    summary: 'A task has finished',
    description:
      'Sent to the webhook of a task when it has succeeded, failed or been aborted. Reply with any 2xx status ' +
      'within 10 seconds. Otherwise the delivery is retried with growing delays for about a day; a 410 reply stops ' +
      'that. An event may be delivered more than once.',
    tags: ['tasks'],
    security: [],
    requestParams: { header: WebhookHeaders },
    requestBody: { required: true, content: { 'application/json': { schema: TaskEvent } } },
    responses: { 204: { description: 'Received' } },
  },
}

/** The request that this service sends to webhook endpoints. */
const event: ZodOpenApiPathsObject[string] = {
  post: {
    operationId: 'event',
    summary: 'Something happened to a task or an upload',
    description:
      'Sent to the webhook endpoints of the account that have chosen its type, one at a time and in the order of the sequence numbers, ' +
      'except that an event which fails for more than about three minutes is overtaken. Reply with any 2xx status within 10 seconds. ' +
      'Otherwise the delivery is retried with growing delays for about a day; a 410 reply disables the endpoint. An event may be ' +
      'delivered more than once.',
    tags: ['webhooks'],
    security: [],
    requestParams: { header: WebhookHeaders },
    requestBody: { required: true, content: { 'application/json': { schema: WebhookEvent } } },
    responses: { 204: { description: 'Received' } },
  },
}

function buildPaths(): ZodOpenApiPathsObject {
  const paths: Record<string, Record<string, ZodOpenApiOperationObject>> = {}
  for (const operation of Object.values<Operation>(operations)) {
    const path = operation.path.replace('{+', '{')
    paths[path] = { ...paths[path], [operation.method]: buildOperation(operation) }
  }
  return paths
}

function buildOperation(operation: Operation): ZodOpenApiOperationObject {
  return {
    operationId: operation.id,
    summary: operation.summary,
    ...descriptionOf(operation),
    tags: [operation.tag],
    // OpenAPI 3.1 allows to name what a caller needs for schemes other than OAuth, too.
    security: operation.access === 'user' ? [{ token: [] }, { api_key: [operation.scope] }] : [],
    requestParams: {
      ...(operation.params && { path: operation.params }),
      ...(operation.query && { query: operation.query }),
      ...(operation.headers && { header: operation.headers }),
    },
    ...(operation.body && {
      requestBody: { required: true, content: requestContent(operation.body, operation) },
    }),
    responses: { ...replies(operation), ...errorReplies(operation) },
  }
}

function descriptionOf({ description, scope }: Operation) {
  const paragraphs = [description, scope && `API keys need the scope \`${scope}\`.`].filter(Boolean)
  return paragraphs.length > 0 && { description: paragraphs.join('\n\n') }
}

function requestContent(body: NonNullable<Operation['body']>, { form, acceptsForm, examples }: Operation) {
  const named = Object.entries(examples ?? {}).map(([name, value]) => [name, { value }])
  return {
    'application/json': { schema: body, ...(examples && { examples: Object.fromEntries(named) }) },
    ...(form && { 'multipart/form-data': { schema: form } }),
    ...(acceptsForm && { 'application/x-www-form-urlencoded': { schema: body } }),
  }
}

function replies(operation: Operation) {
  return Object.fromEntries(
    Object.entries(operation.replies).map(([status, { description, ...reply }]) => {
      const content = replyContent(reply)
      return [status, { description, ...(Object.keys(content).length > 0 && { content }) }]
    }),
  )
}

const TEXT = { schema: { type: 'string' as const } }

const replyContent = ({ body, stream }: Omit<Operation['replies'][number], 'description'>) => ({
  ...(typeof body === 'string' && { [body]: TEXT }),
  ...(typeof body === 'object' && { 'application/json': { schema: body } }),
  ...(stream && { [stream]: TEXT }),
})

type Described = { jsonSchema: z.core.JSONSchema.BaseSchema; zodSchema: z.core.$ZodType }

/**
 * Adds examples for dates and ids, since documentation pages invent random ones otherwise; and restores the examples and defaults that
 * Zod leaves out of schemas that convert their input, although here both are valid input.
 */
function describeValues({ jsonSchema, zodSchema }: Described): void {
  const { examples } = z.globalRegistry.get(zodSchema) ?? {}
  if (Array.isArray(examples)) jsonSchema.examples ??= examples
  if (zodSchema instanceof z.ZodDefault) jsonSchema.default ??= zodSchema.def.defaultValue
  if (jsonSchema.format === 'date-time') jsonSchema.examples ??= ['2026-11-20T12:00:00.000Z']
  if (jsonSchema.format === 'uuid') jsonSchema.examples ??= ['0d7c3f0e-5b1c-4c53-9a55-3f1f0c3b8a11']
}
