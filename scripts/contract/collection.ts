import converter from 'openapi-to-postmanv2'
import { type Operation, operations } from '#shared/contract/operations.ts'
import { steps } from './steps.ts'

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
export type Folder = { id: string; name: string; description: string; item: Item[] }
export type Collection = { info: object; item: Folder[]; auth: object; variable: Pair[] }

type Described = {
  info: { title: string; description?: string }
  tags?: { name: string; description?: string }[]
}
type Converted = { item: { name: string; item: Item[] }[] }

/**
 * The API as a Postman collection that can be run from top to bottom: each request finds what it needs in the
 * collection's variables, where the one before has put it. Pure but for the converter: the same document gives
 * the same collection.
 */
export async function buildCollection(document: Described): Promise<Collection> {
  const converted = (await convert(document)) as Converted
  const items = new Map(converted.item.flatMap(({ item }) => item).map((item) => [routeOf(item), item]))
  return {
    info: {
      _postman_id: 'b0f9a7c4-5d0e-4b8e-9a55-c07700000000',
      name: document.info.title,
      description: `${document.info.description}\n\nRun it from top to bottom, or log in and call what you like.`,
      schema: 'https://schema.getpostman.com/json/collection/v2.1.0/collection.json',
    },
    item: (document.tags ?? []).map(({ name, description = '' }) => ({
      id: `folder-${name}`,
      name,
      description,
      item: inOrder(name).map((operation) => finish(operation, items.get(routeKey(operation)))),
    })),
    auth: { type: 'bearer', bearer: [{ key: 'token', value: '{{token}}', type: 'string' }] },
    variable: Object.entries(variables).map(([key, value]) => ({ key, value })),
  }
}

/** What requests take from one another, and what a person may set before. */
export const variables = {
  base_url: 'http://localhost:8080',
  username: 'ada',
  email: 'ada@example.org',
  password: 'correct horse battery',
  video_url: 'https://media.w3.org/2010/05/sintel/trailer.mp4',
  token: '',
  upload_id: '',
  upload_url: '',
  task_id: '',
  output_name: 'output.mp4',
}

/** A folder's operations in the order of the steps, which is the order in which they can be run. */
const inOrder = (tag: string): Operation[] =>
  (Object.keys(steps) as (keyof typeof steps)[]).map((id) => operations[id]).filter((one) => one.tag === tag)

/** The converter's item with what it cannot know: the step's body and script, and ids that stay the same. */
function finish(operation: Operation, item: Item | undefined): Item {
  if (!item) throw new Error(`The converter left out ${operation.method} ${operation.path}.`)
  const step = steps[operation.id as keyof typeof steps]
  const { url, header } = item.request
  if (typeof url === 'string') throw new Error(`The converter gave no parts of ${url}.`)
  return {
    id: operation.id,
    name: operation.summary,
    request: {
      method: operation.method.toUpperCase(),
      url: step.url ?? filled(url, step.path ?? {}),
      // Optional headers would be sent with made-up values: they are there to be switched on.
      header: header.map((one) => (isOurs(one) ? one : { ...plain(one), value: '', disabled: true })),
      description: [operation.description, step.hint].filter(Boolean).join('\n\n'),
      ...(operation.access !== 'user' && { auth: { type: 'noauth' } }),
      ...('body' in step && { body: json(step.body) }),
      ...('file' in step && { body: { mode: 'file' } }),
    },
    event: [{ listen: 'test', script: { type: 'text/javascript', exec: script(step) } }],
  }
}

function script({ expect, keep = {} }: { expect: number[]; keep?: Record<string, string> }): string[] {
  const kept = Object.entries(keep).map(
    ([variable, field]) => `  pm.collectionVariables.set('${variable}', pm.response.json().${field})`,
  )
  return [
    `const expected = [${expect.join(', ')}]`,
    `pm.test('answers ' + expected.join(' or '), () => {`,
    `  if (!expected.includes(pm.response.code)) throw new Error('answered ' + pm.response.code)`,
    '})',
    ...(kept.length > 0 ? [`if (pm.response.code === ${expect[0]}) {`, ...kept, '}'] : []),
  ]
}

function filled(url: Url, path: Record<string, string>): Url {
  return {
    ...url,
    host: ['{{base_url}}'],
    // None of the query's fields is needed.
    query: url.query.map((field) => ({ ...plain(field), value: '', disabled: true })),
    variable: url.variable.map((field) => ({ ...plain(field), value: path[field.key] ?? '' })),
  }
}

const isOurs = ({ key }: Pair) => key === 'Accept' || key === 'Content-Type'
const plain = ({ key, description }: Pair) => ({ key, ...(description ? { description } : {}) })
const json = (body: unknown) => ({
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
  // Faked values would differ from run to run.
  const options = { folderStrategy: 'Tags', parametersResolution: 'Example', schemaFaker: false }
  return new Promise((resolve, reject) => {
    converter.convertV2({ type: 'json', data: structuredClone(document) }, options, (error, conversion) => {
      if (error || !conversion.result) reject(error ?? new Error(conversion.reason))
      else resolve(conversion.output?.[0]?.data)
    })
  })
}
