import { afterEach, expect, test } from '@jest/globals'
import supertest from 'supertest'
import { silentLogger } from '../observability/logger.ts'
import type { RunningServer } from './listen.ts'
import { listenForMetrics } from './metrics-server.ts'

let server: RunningServer | undefined
afterEach(() => server?.drain(0))

async function open(metricsToken?: string) {
  server = await listenForMetrics(0, { host: '127.0.0.1', metricsToken }, silentLogger)
  return supertest(`http://127.0.0.1:${server?.port}`)
}

test('serves metrics to everyone who reaches the port', async () => {
  const { text, headers } = await (await open()).get('/metrics').expect(200)
  expect(text).toContain('cutroom_jobs_running')
  expect(headers['content-type']).toContain('text/plain')
})

test('with a token, serves them to its bearers alone', async () => {
  const token = 'a-token-for-metrics-alone'
  const agent = await open(token)
  await agent.get('/metrics').expect(404)
  await agent.get('/metrics').set('Authorization', `Bearer ${token}`).expect(200)
})

test('serves nothing else', async () => {
  await (await open()).get('/health/live').expect(404)
})

test('without a port there is no server', async () => {
  expect(
    await listenForMetrics(undefined, { host: '127.0.0.1', metricsToken: undefined }, silentLogger),
  ).toBe(undefined)
})
