import { expect, test } from '@jest/globals'
import { envExample } from './env-example.ts'

test('every setting stands with its meaning, commented out at its default', () => {
  const text = envExample([
    { name: 'PORT', description: 'Port of web.', fallback: 8080 },
    { name: 'BUCKET', description: 'Where files are.', fallback: undefined },
    { name: 'HOSTS', description: 'Which ones.', fallback: ['a', 'b'] },
    { name: 'BATCH_CONCURRENCY', description: 'How many.', fallback: 7 },
    { name: 'K_SERVICE', description: 'Set by Cloud Run.', fallback: undefined },
  ])
  expect(text.split('\n').slice(2)).toEqual([
    ...['# Port of web.', '#PORT=8080', ''],
    ...['# Where files are.', '#BUCKET=', ''],
    ...['# Which ones.', '#HOSTS=a,b', ''],
    ...['# How many.', '#BATCH_CONCURRENCY=', ''],
  ])
})
