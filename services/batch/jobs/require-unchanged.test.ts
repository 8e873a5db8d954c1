import { describe, expect, test } from '@jest/globals'
import { NOT_OPENED } from '../media/chunks/task-plan.ts'
import type { TaskPlan } from '../media/chunks/types.ts'
import { requireUnchanged } from './require-unchanged.ts'

const plan = (...versions: TaskPlan['versions']) => ({ versions }) as TaskPlan
const files = (bytes: number, tag: string | null) => ({
  sources: [{ url: 'http://127.0.0.1/1', inputOptions: [], version: { bytes, tag } }],
})

describe('a source', () => {
  test.each([
    ['of the same size and tag', files(10, 'a')],
    ['of the same size, whose tag is not known any more', files(10, null)],
    ['that this job does not read', { sources: [NOT_OPENED] }],
  ])('%s is unchanged', (_, opened) => {
    expect(() => requireUnchanged(plan({ bytes: 10, tag: 'a' }), opened)).not.toThrow()
  })

  test.each([
    ['size', files(11, 'a')],
    ['tag', files(10, 'b')],
  ])('of another %s has changed', (_, opened) => {
    expect(() => requireUnchanged(plan({ bytes: 10, tag: 'a' }), opened)).toThrow(
      expect.objectContaining({ code: 'source.changed', retry: false }),
    )
  })
})
