import { expect, jest, test } from '@jest/globals'
import type { Query } from '../database/database.ts'
import { createPostgresQueue } from './postgres.ts'

test('jobs that are published together are announced once', async () => {
  const query = jest.fn(async () => [])
  const queue = createPostgresQueue({ query: query as unknown as Query })
  await Promise.all(Array.from({ length: 1000 }, (_, index) => queue.publish(`job-${index}`)))
  expect(query).toHaveBeenCalledTimes(1)
  await queue.publish('another')
  expect(query).toHaveBeenCalledTimes(2)
})

test('each of them fails when the announcement does, and the next is a new one', async () => {
  const query = jest.fn(async () => [])
  query.mockRejectedValueOnce(new Error('away'))
  const queue = createPostgresQueue({ query: query as unknown as Query })
  const published = await Promise.allSettled([queue.publish('a'), queue.publish('b')])
  expect(published.map(({ status }) => status)).toEqual(['rejected', 'rejected'])
  await expect(queue.publish('a')).resolves.toBeUndefined()
})
