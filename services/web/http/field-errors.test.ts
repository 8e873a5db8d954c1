import { describe, expect, test } from '@jest/globals'
import { z } from 'zod'
import { fieldErrorsOf, listFieldErrors, unstorableText } from './field-errors.ts'

describe('the field errors of a Zod error', () => {
  const Schema = z.strictObject({
    name: z.string(),
    parts: z.array(z.strictObject({ size: z.number().min(1) })).optional(),
  })
  const paths = (value: unknown) => {
    const { error } = Schema.safeParse(value)
    return error ? fieldErrorsOf(error).map(({ path }) => path) : []
  }

  test('name each field by its path, joined with dots', () => {
    expect(paths({ parts: [{ size: 1 }, { size: 0 }] })).toEqual(['name', 'parts.1.size'])
  })
  test('name each unknown field by itself, with its path', () => {
    expect(paths({ name: 'a', colour: 1, parts: [{ size: 1, weight: 2 }] })).toEqual([
      'parts.0.weight',
      'colour',
    ])
    expect(paths({ name: 'a', x: 1, y: 2 })).toEqual(['x', 'y'])
  })
  test('have an empty path for the whole value', () => {
    expect(paths([])).toEqual([''])
  })
  test('say what is wrong', () => {
    const { error } = Schema.safeParse({ name: 'a', more: 1 })
    expect(error && fieldErrorsOf(error)).toEqual([{ path: 'more', message: 'unknown field' }])
  })
  test('say in plain words that a field is missing, or no number', () => {
    const { error } = z.object({ name: z.string(), max: z.coerce.number() }).safeParse({ max: 'many' })
    expect(error && fieldErrorsOf(error)).toEqual([
      { path: 'name', message: 'is missing' },
      { path: 'max', message: 'must be a number' },
    ])
  })
})

test('text that Postgres cannot store is named wherever it is', () => {
  const message = 'contains a NUL character or an unpaired surrogate'
  const value = { url: 'a\0b', sources: [{ url: 'ok 練' }, { url: '\ud800' }], none: null, count: 1 }
  expect(unstorableText(value)).toEqual([
    { path: 'url', message },
    { path: 'sources.1.url', message },
  ])
})

test('a line of field errors shows the first twenty, and how many there are besides', () => {
  const fields = Array.from({ length: 23 }, (_, i) => ({ path: `f${i}`, message: 'unknown field' }))
  expect(listFieldErrors(fields.slice(0, 20))).toMatch(/f19: unknown field$/)
  expect(listFieldErrors(fields)).toMatch(/f19: unknown field; and 3 more$/)
})
