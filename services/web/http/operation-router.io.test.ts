import { describe, expect, test } from '@jest/globals'
import { z } from 'zod'
import { expressPath, fieldErrorsOf } from './operation-router.ts'

test.each([
  ['/health/live', '/health/live'],
  ['/tasks/{id}', '/tasks/:id'],
  ['/tasks/{id}/outputs/{name}', '/tasks/:id/outputs/:name'],
  ['/uploads/content/{+key}', '/uploads/content/*key'],
])('the path %s is mounted as %s', (path, mounted) => {
  expect(expressPath(path)).toBe(mounted)
})

describe('the faults of a Zod error', () => {
  const Schema = z.strictObject({
    name: z.string(),
    parts: z.array(z.strictObject({ size: z.number().min(1) })).optional(),
  })
  const faults = (value: unknown) => {
    const { error } = Schema.safeParse(value)
    return error ? fieldErrorsOf(error).map(({ path }) => path) : []
  }

  test('name each field by its path in dots', () => {
    expect(faults({ parts: [{ size: 1 }, { size: 0 }] })).toEqual(['name', 'parts.1.size'])
  })
  test('name each unknown field by itself, where it stands', () => {
    expect(faults({ name: 'a', colour: 1, parts: [{ size: 1, weight: 2 }] })).toEqual([
      'parts.0.weight',
      'colour',
    ])
    expect(faults({ name: 'a', x: 1, y: 2 })).toEqual(['x', 'y'])
  })
  test('of the whole have an empty path', () => {
    expect(faults([])).toEqual([''])
  })
  test('say what is wrong', () => {
    const { error } = Schema.safeParse({ name: 'a', more: 1 })
    expect(error && fieldErrorsOf(error)).toEqual([{ path: 'more', message: 'is not known here' }])
  })
})
