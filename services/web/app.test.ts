import { expect, test } from '@jest/globals'
import { loadConfig } from '#shared/config.ts'
import { type Operation, operations } from '#shared/contract/operations.ts'
import { createWebApp } from './app.ts'
import type { WebDeps } from './deps.ts'
import { expressPath } from './http/operation-router.ts'

/** What mounting the routes reads; none of it is called. */
const config = loadConfig({
  DATABASE_URL: 'postgres://nowhere',
  JWT_SECRET: 'a secret for tests alone: 0123456789 abcdef',
  PUSH_SECRET: 'another secret for tests',
})
const deps = { config, stopping: new AbortController().signal } as WebDeps

type Layer = { route?: { path: string; stack: { method: string }[] } }

/** Every route of the app as `method path`. The API docs are middleware, not routes. */
function mountedRoutes(): string[] {
  const { stack } = createWebApp(deps).router as unknown as { stack: Layer[] }
  return stack.flatMap(({ route }) =>
    route ? [...new Set(route.stack.map(({ method }) => `${method} ${route.path}`))] : [],
  )
}

test('every operation of the contract has one route, and there is no other route', () => {
  const table = Object.values<Operation>(operations).map(
    ({ method, path }) => `${method} ${expressPath(path)}`,
  )
  expect(mountedRoutes().sort()).toEqual(table.sort())
})
