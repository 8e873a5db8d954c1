import { beforeAll, expect, test } from '@jest/globals'
import { buildOpenApi } from '#shared/contract/openapi.ts'
import { type Operation, operations } from '#shared/contract/operations.ts'
import { buildCollection, type Collection, type Item, variables } from './collection.ts'

const document = buildOpenApi('http://localhost:8080', '1.2.3')
const all = Object.values<Operation>(operations)
let collection: Collection
let items: Item[]

beforeAll(async () => {
  collection = await buildCollection(document)
  items = collection.item.flatMap(({ item }) => item)
})

const find = (id: string) => items.find((item) => item.id === id)
const filled = (text = '', values: Record<string, string> = variables) =>
  text.replace(/\{\{(\w+)\}\}/g, (_, name) => values[name] ?? `{{${name}}}`)

test('every operation is in the folder of its tag, exactly once', () => {
  expect(items.map(({ id }) => id).sort()).toEqual(all.map(({ id }) => id).sort())
  for (const { name, item } of collection.item)
    expect(item.map(({ id }) => operations[id as keyof typeof operations].tag)).toEqual(item.map(() => name))
})

test.each(all.filter(({ body }) => body))('the body of $id matches its schema', ({ id, body }) => {
  expect(() => body?.parse(JSON.parse(filled(find(id)?.request.body?.raw)))).not.toThrow()
})

test('login comes before all requests that need a token, and saves the token for them', () => {
  const firstWithToken = items.findIndex(
    ({ id }) => operations[id as keyof typeof operations].access === 'user',
  )
  expect(items.findIndex(({ id }) => id === 'login')).toBeLessThan(firstWithToken)
  expect(find('login')?.event?.[0]?.script.exec.join('\n')).toContain(
    "set('token', pm.response.json().token)",
  )
  expect(collection.auth).toMatchObject({ bearer: [{ value: '{{token}}' }] })
})

test('operations without a token send none', () => {
  for (const { id, access } of all) expect('auth' in (find(id)?.request ?? {})).toBe(access !== 'user')
})

test('every variable that a request uses has a value or is set by an earlier request', () => {
  const known = new Set(Object.entries(variables).flatMap(([name, value]) => (value ? [name] : [])))
  for (const { request, event } of items) {
    const sent = JSON.stringify({ ...request, description: undefined })
    for (const [, name = ''] of sent.matchAll(/\{\{(\w+)\}\}/g)) expect([...known]).toContain(name)
    for (const [, name = ''] of JSON.stringify(event).matchAll(/Variables\.set\('(\w+)'/g)) known.add(name)
  }
})

test('the collection is deterministic', async () => {
  expect(await buildCollection(document)).toEqual(collection)
})
