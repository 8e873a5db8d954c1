import { join } from 'node:path'
import { expect, test } from '@jest/globals'
import { openCompose } from './compose.ts'

const ROOT = join(import.meta.dirname, '..', '..')

test("the repository's own path is not translated, wherever it lies", async () => {
  const compose = await openCompose({ [ROOT]: '/elsewhere', '/app': '/srv/app' })
  expect(compose.directory('prepare')).toBe(ROOT)
  expect(compose.directory('web')).toBe('/srv/app')
})
