import { expect, test } from '@jest/globals'
import { z } from 'zod'
import type { Operation } from '#shared/contract/operations.ts'
import { referencesOf } from './references.ts'

const operation = (more: Partial<Operation>) =>
  ({
    id: 'test',
    method: 'post',
    path: '/tasks',
    summary: '',
    tag: 'tasks',
    access: 'public',
    replies: {},
    ...more,
  }) as Operation

test('path parameters are identifiers, each of its own kind', () => {
  expect(referencesOf(operation({ path: '/tasks/{id}/outputs/{name}' }))).toEqual([
    { kind: 'tasks.id', part: 'params', path: ['id'] },
    { kind: 'tasks.outputs.name', part: 'params', path: ['name'] },
  ])
})

test('a list of identifiers stands for its first', () => {
  const body = z.strictObject({ ids: z.array(z.uuid()) })
  expect(referencesOf(operation({ body }))).toContainEqual({ kind: 'ids', part: 'body', path: ['ids', 0] })
})

test('fields are identifiers by their format or their name, however deep they are', () => {
  const body = z.strictObject({
    url: z.string(),
    upload_id: z.string().optional(),
    owner: z.uuid().optional(),
    items: z.array(z.strictObject({ image: z.strictObject({ upload_id: z.uuid() }) })).optional(),
  })
  const query = z.object({ page: z.string(), max: z.number() })
  expect(referencesOf(operation({ body, query }))).toEqual([
    { kind: 'page', part: 'query', path: ['page'] },
    { kind: 'upload_id', part: 'body', path: ['upload_id'] },
    { kind: 'owner', part: 'body', path: ['owner'] },
    { kind: 'upload_id', part: 'body', path: ['items', 0, 'image', 'upload_id'] },
  ])
})
