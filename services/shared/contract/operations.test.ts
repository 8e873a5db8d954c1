import { expect, test } from '@jest/globals'
import { buildOpenApi } from './openapi.ts'
import { type Operation, operations } from './operations.ts'

const all = Object.entries<Operation>(operations)

test.each(all)('%s has its id as its key', (key, { id }) => {
  expect(id).toBe(key)
})

test('no two operations share a method and a path', () => {
  const routes = all.map(([, { method, path }]) => `${method} ${path}`)
  expect(new Set(routes).size).toBe(routes.length)
})

test('every body has examples, and each is valid', () => {
  for (const [, { body, examples = {} }] of all) {
    expect(Object.keys(examples).length > 0).toBe(body !== undefined)
    for (const example of Object.values(examples)) expect(() => body?.parse(example)).not.toThrow()
  }
})

test("no path ends in z, since Cloud Run's front end answers those itself", () => {
  expect(all.filter(([, { path }]) => path.endsWith('z'))).toEqual([])
})

test('the OpenAPI document lists every operation with its security, replies and errors', () => {
  const { paths = {} } = buildOpenApi('http://localhost:8080', '1.2.3')
  for (const [, { id, method, path, access, scope, replies, problems = [] }] of all) {
    const described = paths[path.replace('{+', '{')]?.[method]
    expect(described?.operationId).toBe(id)
    expect(described?.security).toEqual(access === 'user' ? [{ token: [] }, { api_key: [scope] }] : [])
    const statuses = Object.keys(described?.responses ?? {})
    expect(statuses).toEqual(expect.arrayContaining([...Object.keys(replies), ...problems.map(String)]))
  }
})

test('the OpenAPI document is deterministic', () => {
  expect(buildOpenApi('http://a', '1')).toEqual(buildOpenApi('http://a', '1'))
})
