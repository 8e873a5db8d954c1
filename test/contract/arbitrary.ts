import fc from 'fast-check'
import type { Operation } from '#shared/contract/operations.ts'
import { type JsonSchema, resolve, toJsonSchema } from './json-schema.ts'
import { namesOf } from './request.ts'

/** A request as it goes over the wire: anything that a client could send to an operation. */
export type WireRequest = {
  path: string
  headers: Record<string, string>
  body: Buffer | undefined
  /** Whose token is sent. */
  caller: 'owner' | 'stranger' | 'nobody' | 'forger'
}

/** Identifiers that exist, by the names of parameters and fields. */
export type KnownIds = Record<string, readonly string[]>

const HOSTILE_TEXT = [
  '',
  ' ',
  '\0',
  'a\0b',
  '\ud800',
  '\u202e\u2028\r\n',
  '__proto__',
  'constructor',
  "' OR 1=1 --",
  '"; DROP TABLE users; --',
  '{{7*7}}<%= 7*7 %>',
  '<script>alert(1)</script>',
  '../../../../etc/passwd',
  '..%2f..%2f',
  '%00%zz',
  '-i',
  'file:///etc/passwd',
  'http://127.1/',
  'http://[::ffff:169.254.169.254]/latest',
  'http://0x7f000001/',
  'https://user:password@example.com/',
  'gopher://127.0.0.1:25/x',
  'concat:a|b',
  'ﬃ İ ẞ ﷺ',
  '1e309',
  '9'.repeat(400),
  'x'.repeat(5_000),
  'a:'.repeat(2_000),
]
const HOSTILE_NUMBERS = [0, -0, -1, 1e9, 1e308, -1e308, 5e-324, 2 ** 31, 2 ** 53, 0.1 + 0.2, 1.5]

const hostileText = fc.oneof(fc.constantFrom(...HOSTILE_TEXT), fc.string({ unit: 'binary', maxLength: 40 }))
const hostileValue = fc.oneof(
  hostileText,
  fc.constantFrom<unknown>(...HOSTILE_NUMBERS),
  fc.constantFrom<unknown>(null, true, false, [], {}, [[[[]]]], { $ne: '' }, { toString: 1 }, ['x', 'x']),
  fc.jsonValue({ maxDepth: 3 }),
)

/** Mostly values that a schema allows, so that requests get past validation, and some that it does not. */
function valuesOf(
  schema: JsonSchema,
  known: KnownIds,
  name = '',
  root = schema,
  depth = 0,
): fc.Arbitrary<unknown> {
  if (depth > 7) return hostileValue
  const here = resolve(schema, root)
  const inner = (one: JsonSchema, property = name) => valuesOf(one, known, property, root, depth + 1)
  const ids = known[name] ?? []
  // Once: each level that did it twice would double the work of all above it.
  const fits = fitting(here, inner)
  return fc.oneof(
    { weight: 9, arbitrary: ids.length > 0 ? fc.constantFrom<unknown>(...ids) : fits },
    { weight: 3, arbitrary: fits },
    { weight: 1, arbitrary: hostileValue },
  )
}

type Inner = (schema: JsonSchema, name?: string) => fc.Arbitrary<unknown>

function fitting(schema: JsonSchema, inner: Inner): fc.Arbitrary<unknown> {
  const variants = schema.anyOf ?? schema.oneOf ?? schema.allOf
  if (variants) return fc.oneof(...variants.map((variant) => inner(variant)))
  if (schema.const !== undefined) return fc.constant(schema.const)
  if (schema.enum) return fc.constantFrom(...schema.enum)
  const type = Array.isArray(schema.type) ? schema.type[0] : schema.type
  if (schema.properties || type === 'object') return objects(schema, inner)
  if (type === 'array') {
    const { minItems = 0, maxItems = 3 } = schema
    return fc.array(inner(schema.items ?? {}), {
      minLength: minItems,
      maxLength: Math.max(minItems, Math.min(3, maxItems)),
    })
  }
  if (type === 'integer' || type === 'number') return numbers(schema, type)
  if (type === 'boolean') return fc.boolean()
  if (type === 'string') return texts(schema)
  return hostileValue
}

function objects({ properties = {}, required = [] }: JsonSchema, inner: Inner): fc.Arbitrary<unknown> {
  const entries = Object.entries(properties).map(([name, property]) => {
    const value = inner(property, name)
    // A fifth of the optional fields: with all of them, hardly any recipe would be valid.
    const odds = required.includes(name) ? 30 : 1
    return fc.option(value, { freq: odds, nil: undefined }).map((chosen) => [name, chosen] as const)
  })
  const extra = fc.option(
    fc.tuple(fc.constantFrom('__proto__', 'constructor', 'user_id', 'x'), hostileValue),
    {
      freq: 1,
      nil: undefined,
    },
  )
  return fc.tuple(fc.tuple(...entries), extra, fc.nat(9)).map(([fields, more, dice]) => {
    const chosen = fields.filter(([, value]) => value !== undefined)
    return Object.fromEntries(more && dice === 0 ? [...chosen, more] : chosen)
  })
}

function numbers({ minimum, maximum, multipleOf }: JsonSchema, type: 'integer' | 'number') {
  const low = Math.max(minimum ?? -1000, -1e9)
  const high = Math.min(maximum ?? 100_000, 1e9)
  const within = fc.double({ min: low, max: Math.max(low, high), noNaN: true })
  const step = multipleOf ?? (type === 'integer' ? 1 : undefined)
  const stepped = step === undefined ? within : within.map((value) => Math.round(value / step) * step)
  return fc.oneof(stepped, fc.constantFrom(low, high))
}

function texts({ format, pattern, minLength = 0, maxLength = 60 }: JsonSchema): fc.Arbitrary<unknown> {
  if (format === 'uuid') return fc.uuid()
  if (format === 'uri') return fc.webUrl({ withQueryParameters: true })
  if (format === 'email') return fc.emailAddress()
  if (format === 'date-time') return fc.date({ noInvalidDate: true }).map((date) => date.toISOString())
  if (pattern) return patternTexts(pattern)
  return fc.string({ unit: 'grapheme', minLength, maxLength: Math.min(maxLength, minLength + 40) })
}

/** fast-check builds text for most patterns; for others, any text. */
function patternTexts(pattern: string): fc.Arbitrary<unknown> {
  try {
    return fc.stringMatching(new RegExp(pattern, 'u'))
  } catch {
    return hostileText
  }
}

const TYPES = [
  'application/json',
  'application/json; charset=utf-16',
  'text/plain',
  'multipart/form-data',
  'a/b/c',
  '',
]

/** Anything that can be sent to an operation. `known`: identifiers of objects that exist. */
export function requestsOf(operation: Operation, known: KnownIds): fc.Arbitrary<WireRequest> {
  const params = [...operation.path.matchAll(/\{\+?(\w+)\}/g)].map(([, name]) => name as string)
  const segment = (name: string) =>
    fc.oneof(
      { weight: 6, arbitrary: fc.constantFrom(...(known[name] ?? ['x'])) },
      { weight: 1, arbitrary: fc.uuid() },
      // An empty one would be the path of another operation.
      { weight: 2, arbitrary: hostileText.filter((text) => text !== '') },
    )
  const queryText = (name: string) =>
    fc.oneof(fc.constantFrom('0', '1', '5', ...(known[name] ?? [])), hostileText)
  const query = fc.array(
    fc.oneof(
      ...namesOf(operation, 'query').map((name) => fc.tuple(fc.constant(name), queryText(name))),
      fc.tuple(hostileText, hostileText),
    ),
    { maxLength: 3 },
  )
  const header = fc.oneof(
    ...namesOf(operation, 'headers').map((name) => fc.tuple(fc.constant(name), hostileText)),
    fc.tuple(
      fc.constantFrom(
        'Range',
        'Content-Range',
        'Accept',
        'Origin',
        'If-None-Match',
        'X-Request-Id',
        'traceparent',
      ),
      hostileText,
    ),
    fc.tuple(
      fc.constant('Range'),
      fc.constantFrom('bytes=0-', 'bytes=-99999999', 'bytes=5-1', 'bytes=0-0,1-1'),
    ),
    fc.tuple(
      fc.constant('Content-Range'),
      fc.constantFrom('bytes 0-3/4', 'bytes */4', 'bytes 9-1/2', 'bytes 0-9/1'),
    ),
  )
  return fc.record({
    path: fc
      .tuple(fc.tuple(...params.map(segment)), query)
      .map(([values, pairs]) => pathOf(operation.path, params, values, pairs)),
    headers: fc
      .tuple(fc.array(header, { maxLength: 2 }), contentType(operation))
      .map(([pairs, type]) =>
        Object.fromEntries([...pairs, ...type].map(([name, value]) => [name, toHeader(value)])),
      ),
    body: bodies(operation, known),
    caller: fc.oneof(
      { weight: 12, arbitrary: fc.constant('owner' as const) },
      { weight: 2, arbitrary: fc.constantFrom('stranger' as const, 'nobody' as const, 'forger' as const) },
    ),
  })
}

function pathOf(
  template: string,
  params: string[],
  values: string[],
  query: (readonly [string, string])[],
): string {
  const path = params.reduce(
    (text, name, index) => text.replace(new RegExp(`\\{\\+?${name}\\}`), () => encode(values[index] ?? '')),
    template,
  )
  const pairs = query.map(([name, value]) => `${encode(name)}=${encode(value)}`)
  return pairs.length > 0 ? `${path}?${pairs.join('&')}` : path
}

/** Percent-encoded, except for half of a surrogate pair and what already is encoded, which stay as odd as they are. */
const encode = (text: string) =>
  encodeURIComponent(text.toWellFormed()).replaceAll('%25zz', '%zz').replaceAll('%252f', '%2f')

/** Text that Node's client sends as a header at all. */
const toHeader = (text: string) =>
  text
    .replaceAll(/[^\t\x20-\x7e\x80-\xff]/g, '?')
    .trim()
    .slice(0, 8_000)

function contentType(operation: Operation): fc.Arbitrary<[string, string][]> {
  if (!operation.body) return fc.constant([])
  return fc.oneof(
    { weight: 15, arbitrary: fc.constant<[string, string][]>([['Content-Type', 'application/json']]) },
    {
      weight: 1,
      arbitrary: fc.constantFrom(...TYPES).map((type): [string, string][] => [['Content-Type', type]]),
    },
  )
}

function bodies(operation: Operation, known: KnownIds): fc.Arbitrary<Buffer | undefined> {
  if (['get', 'delete'].includes(operation.method)) return fc.constant(undefined)
  const bytes = fc.uint8Array({ maxLength: 2_000 }).map((array) => Buffer.from(array))
  if (!operation.body) return fc.option(bytes, { nil: undefined })
  const examples = Object.values(operation.examples ?? {})
  const json = fc.oneof(
    { weight: 8, arbitrary: valuesOf(toJsonSchema(operation.body), known) },
    { weight: 2, arbitrary: examples.length > 0 ? fc.constantFrom(...examples) : hostileValue },
    { weight: 1, arbitrary: hostileValue },
  )
  return fc.oneof(
    { weight: 15, arbitrary: json.map((value) => Buffer.from(JSON.stringify(value) ?? '')) },
    { weight: 1, arbitrary: bytes },
  )
}
