import { expect, test } from '@jest/globals'
import { envExample } from './env-example.ts'

test('every setting is listed in its group, described, and commented out with its default', () => {
  const setting = (name: string, description: string, fallback?: unknown) => ({
    name,
    description,
    fallback,
    secret: false,
  })
  const text = envExample([
    {
      title: 'Server',
      settings: [
        setting('PORT', 'Port of web.', 8080),
        setting('BUCKET', 'Where files are.'),
        setting('K_SERVICE', 'Set by Cloud Run.'),
      ],
    },
    {
      title: 'Jobs',
      settings: [setting('HOSTS', 'Which ones.', ['a', 'b']), setting('BATCH_CONCURRENCY', 'How many.', 7)],
    },
  ])
  expect(text.split('\n').slice(2)).toEqual([
    ...['# --- Server ---', ''],
    ...['# Port of web.', '#PORT=8080', ''],
    ...['# Where files are.', '#BUCKET=', ''],
    ...['# --- Jobs ---', ''],
    ...['# Which ones.', '#HOSTS=a,b', ''],
    ...['# How many.', '#BATCH_CONCURRENCY=', ''],
  ])
})
