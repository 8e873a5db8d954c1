import { expect, test } from '@jest/globals'
import { buildOpenApi } from './openapi.ts'
import { type Operation, operations } from './operations.ts'

const all = Object.entries<Operation>(operations)

test.each(all)('%s is listed under its own id', (key, { id }) => {
  expect(id).toBe(key)
})

test('no two operations share a method and a path', () => {
  const routes = all.map(([, { method, path }]) => `${method} ${path}`)
  expect(new Set(routes).size).toBe(routes.length)
})

test('what can be sent has examples, and each is taken', () => {
  for (const [, { body, examples = {} }] of all) {
    expect(Object.keys(examples).length > 0).toBe(body !== undefined)
    for (const example of Object.values(examples)) expect(() => body?.parse(example)).not.toThrow()
  }
})

test('health paths do not end in z, which the front end of Cloud Run answers by itself', () => {
  expect(all.filter(([, { path }]) => path.endsWith('z'))).toEqual([])
})

test('the document describes every operation, asks for a token where the table does, and names every problem', () => {
  const { paths = {} } = buildOpenApi('http://localhost:8080', '1.2.3')
  for (const [, { id, method, path, access, replies, problems = [] }] of all) {
    const described = paths[path.replace('{+', '{')]?.[method]
    expect(described?.operationId).toBe(id)
    expect(described?.security).toEqual(access === 'user' ? [{ token: [] }] : [])
    const statuses = Object.keys(described?.responses ?? {})
    expect(statuses).toEqual(expect.arrayContaining([...Object.keys(replies), ...problems.map(String)]))
  }
})

test('the same table gives the same document', () => {
  expect(buildOpenApi('http://a', '1')).toEqual(buildOpenApi('http://a', '1'))
})
