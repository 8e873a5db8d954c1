import { expect, test } from '@jest/globals'
import { expressPath } from './operation-router.ts'

test.each([
  ['/health/live', '/health/live'],
  ['/tasks/{id}', '/tasks/:id'],
  ['/tasks/{id}/outputs/{name}', '/tasks/:id/outputs/:name'],
  ['/uploads/content/{+key}', '/uploads/content/*key'],
])('converts the OpenAPI path %s to the Express path %s', (path, expressed) => {
  expect(expressPath(path)).toBe(expressed)
})
