import converter from 'openapi-to-postmanv2'
import { z } from 'zod'
import { type Operation, type OperationId, operations } from '#shared/contract/operations.ts'
import { type Step, steps } from './steps.ts'

type Pair = { key: string; value: string; disabled?: boolean; description?: unknown }
type Url = { path: string[]; host: string[]; query: Pair[]; variable: Pair[] }

export type Item = {
  id: string
  name: string
  request: {
    method: string
    url: Url | string
    header: Pair[]
    description?: string
    auth?: unknown
    body?: { mode: string; raw?: string; options?: unknown }
  }
  event?: { listen: 'test'; script: { type: string; exec: string[] } }[]
}
type Folder = { id: string; name: string; description: string; item: Item[] }
export type Collection = { info: object; item: Folder[]; auth: object; variable: Pair[] }

/** The parts of an OpenAPI document that are read here. */
type OpenApiDocument = {
  info: { title: string; description?: string }
  tags?: { name: string; description?: string }[]
}
type Converted = { item: { name: string; item: Item[] }[] }

/**
 * The API as a Postman collection that can be run from top to bottom: each request takes what it needs from collection
 * variables that earlier requests have set. The same document always gives the same collection.
 */
export async function buildCollection(document: OpenApiDocument): Promise<Collection> {
  const converted = (await convert(document)) as Converted
  const items = new Map(converted.item.flatMap(({ item }) => item).map((item) => [routeOf(item), item]))
  return {
    info: {
      _postman_id: 'b0f9a7c4-5d0e-4b8e-9a55-c07700000000',
      name: document.info.title,
      description: `${document.info.description}\n\nRun the collection from top to bottom, or log in and send any request.`,
      schema: 'https://schema.getpostman.com/json/collection/v2.1.0/collection.json',
    },
    item: (document.tags ?? []).map(({ name, description = '' }) => ({
      id: `folder-${name}`,
      name,
      description,
      item: operationsOf(name).map((operation) => toItem(operation, items.get(routeKey(operation)))),
    })),
    auth: { type: 'bearer', bearer: [{ key: 'token', value: '{{token}}', type: 'string' }] },
    variable: Object.entries(variables).map(([key, value]) => ({ key, value })),
  }
}

/** The collection's variables: those with a value may be edited, the others are set by requests. */
export const variables = {
  base_url: 'http://localhost:8080',
  username: 'ada',
  email: 'ada@example.org',
  password: 'correct horse battery',
  video_url: 'https://media.w3.org/2010/05/sintel/trailer.mp4',
  token: '',
  refresh_token: '',
  key_id: '',
  session_id: '0d7c3f0e-5b1c-4c53-9a55-3f1f0c3b8a11',
  upload_id: '',
  upload_url: '',
  upload_link: '',
  output_link: '',
  task_id: '00000000-0000-0000-0000-000000000000',
  webhook_id: '',
  delivery_id: '',
  output_name: 'output.mp4',
}

/** The operations of a tag, in the order in which they can be run. */
const operationsOf = (tag: string): Operation[] =>
  (Object.keys(steps) as OperationId[])
    .map((id) => operations[id])
    .filter((operation) => operation.tag === tag)

/** Completes an item of the converter with the body and test script of its step, and with a stable id. */
function toItem(operation: Operation, item: Item | undefined): Item {
  if (!item)
    throw new Error(`openapi-to-postmanv2 returned no request for ${operation.method} ${operation.path}.`)
  const step = steps[operation.id as OperationId]
  const { url, header } = item.request
  if (typeof url === 'string') throw new Error(`openapi-to-postmanv2 did not split the URL ${url}.`)
  return {
    id: operation.id,
    name: operation.summary,
    request: {
      method: operation.method.toUpperCase(),
      url: step.url ?? withParameters(url, step.path ?? {}),
      // The converter enables optional headers and invents values for them.
      header: header.map((pair) => (isRequired(pair) ? pair : disabled(pair))),
      description: [operation.description, step.hint].filter(Boolean).join('\n\n'),
      ...(operation.access !== 'user' && { auth: { type: 'noauth' } }),
      ...(step.body !== undefined && { body: jsonBody(step.body) }),
      ...(step.file && { body: { mode: 'file' } }),
    },
    event: [{ listen: 'test', script: { type: 'text/javascript', exec: testScript(operation, step) } }],
  }
}

/** Tests of the status; and if it is the first expected one, of the fields that the reply must have and of what the step adds. */
function testScript({ replies }: Operation, { expect, save = {}, tests = {} }: Step): string[] {
  const [success = 200] = expect
  const reply = replies[success]?.body
  const fields = requiredFields(reply)
  const hasFields = `${JSON.stringify(fields)}.every((field) => field in body)`
  const inSuccess = [
    ...(reply === undefined || typeof reply === 'string' ? [] : ['const body = pm.response.json()']),
    ...(fields.length > 0 ? toTest(`the reply has ${fields.join(', ')}`, hasFields) : []),
    ...Object.entries(tests).flatMap(([name, condition]) => toTest(name, condition)),
    ...Object.entries(save).map(
      ([variable, field]) => `pm.collectionVariables.set('${variable}', pm.response.json().${field})`,
    ),
  ]
  return [
    `const expected = [${expect.join(', ')}]`,
    `pm.test('status is ' + expected.join(' or '), () => {`,
    `  if (!expected.includes(pm.response.code)) throw new Error('status is ' + pm.response.code)`,
    '})',
    ...(inSuccess.length > 0
      ? [`if (pm.response.code === ${success}) {`, ...inSuccess.map((line) => `  ${line}`), '}']
      : []),
  ]
}

/** Without Postman's assertion library, which says less than the name of the test. */
const toTest = (name: string, condition: string): string[] => [
  `pm.test('${name}', () => {`,
  `  if (!(${condition})) throw new Error('not in this reply')`,
  '})',
]

function requiredFields(body: z.ZodType | string | undefined): string[] {
  if (body === undefined || typeof body === 'string') return []
  return z.toJSONSchema(body, { unrepresentable: 'any' }).required ?? []
}

function withParameters(url: Url, path: Record<string, string>): Url {
  return {
    ...url,
    host: ['{{base_url}}'],
    // No operation requires a query parameter.
    query: url.query.map(disabled),
    variable: url.variable.map((field) => ({ ...plain(field), value: path[field.key] ?? '' })),
  }
}

const isRequired = ({ key }: Pair) => key === 'Accept' || key === 'Content-Type'
const disabled = (pair: Pair): Pair => ({ ...plain(pair), value: '', disabled: true })
const plain = ({ key, description }: Pair) => ({ key, ...(description ? { description } : {}) })
const jsonBody = (body: unknown) => ({
  mode: 'raw',
  raw: JSON.stringify(body, null, 2),
  options: { raw: { language: 'json' } },
})

const routeKey = ({ method, path }: Operation) =>
  `${method.toUpperCase()} ${path.replace(/\{\+?(\w+)\}/g, ':$1')}`

function routeOf({ request: { method, url } }: Item): string {
  return `${method} ${typeof url === 'string' ? url : `/${url.path.join('/')}`}`
}

function convert(document: object): Promise<unknown> {
  // Fake values would differ from run to run.
  const options = { folderStrategy: 'Tags', parametersResolution: 'Example', schemaFaker: false }
  return new Promise((resolve, reject) => {
    converter.convertV2({ type: 'json', data: structuredClone(document) }, options, (error, conversion) => {
      if (error || !conversion.result) reject(error ?? new Error(conversion.reason))
      else resolve(conversion.output?.[0]?.data)
    })
  })
}
