import { describe, expect, test } from '@jest/globals'
import { asCutroomError, CATALOGUE, CutroomError } from './errors.ts'

describe('an error', () => {
  test('takes its status, title and retry from the catalogue', () => {
    const error = new CutroomError('storage.unavailable', 'The bucket did not answer.')
    expect(error).toMatchObject({ status: 503, retry: true, uncounted: true, title: 'Storage unavailable' })
    expect(new CutroomError('task.not_found', 'There is no such task.').uncounted).toBe(false)
  })

  test('of an unknown kind is a bug that keeps its cause', () => {
    const cause = new TypeError('x is undefined')
    expect(asCutroomError(cause)).toMatchObject({ code: 'internal.bug', cause })
  })

  test('of our own stays as it is', () => {
    const error = new CutroomError('media.damaged', 'The source is damaged.')
    expect(asCutroomError(error)).toBe(error)
  })
})

test.each(Object.entries(CATALOGUE))(
  '%s has a title without a full stop, and advice in sentences',
  (_, entry) => {
    expect(entry.title).toMatch(/^[A-Z].*[^.]$/)
    expect(entry.advice).toMatch(/^[A-Z].*\.$/)
  },
)
