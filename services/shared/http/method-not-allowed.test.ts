import { expect, test } from '@jest/globals'
import type { Request, Response } from 'express'
import { methodNotAllowed } from './method-not-allowed.ts'

const check = methodNotAllowed([
  { method: 'get', path: '/tasks' },
  { method: 'post', path: '/tasks' },
  { method: 'delete', path: '/tasks/{id}' },
  { method: 'put', path: '/uploads/content/{+key}' },
  { method: 'get', path: '/openapi.json' },
])

/** The methods that the error for this request names; undefined when the request is passed on. */
function allowed(method: string, path: string): string | undefined {
  try {
    check({ method, path } as Request, {} as Response, () => {})
  } catch (error) {
    expect(error).toMatchObject({ code: 'route.method_not_allowed', status: 405 })
    return (error as { headers: { Allow: string } }).headers.Allow
  }
}

test('a known path with another method names the methods it has', () => {
  expect(allowed('PATCH', '/tasks')).toBe('GET, HEAD, OPTIONS, POST')
  expect(allowed('GET', '/tasks/1')).toBe('DELETE, OPTIONS')
  expect(allowed('GET', '/TASKS/1/')).toBe('DELETE, OPTIONS')
  expect(allowed('POST', '/uploads/content/a/b')).toBe('OPTIONS, PUT')
  expect(allowed('POST', '/openapi.json')).toBe('GET, HEAD, OPTIONS')
})

test('an unknown path is passed on', () => {
  for (const path of ['/', '/task', '/tasks/1/2', '/openapixjson', '/uploads/content/']) {
    expect(allowed('GET', path)).toBeUndefined()
  }
})
