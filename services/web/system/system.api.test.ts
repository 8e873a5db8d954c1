import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals'
import { operations } from '#shared/contract/operations.ts'
import { presets } from '#shared/contract/presets.ts'
import { expectProblem, expectReply } from '#test/expect-reply.ts'
import { openTestWeb, type TestWeb } from '#test/web-app.ts'

let web: TestWeb
beforeAll(async () => {
  web = await openTestWeb()
})
afterEach(() => expect(web.log.takeErrors()).toEqual([]))
afterAll(() => web.close())

test('lists the presets', async () => {
  const { presets: listed } = expectReply(operations.presets, await web.agent.get('/presets'), 200)
  expect(listed.map(({ name }) => name)).toEqual(Object.keys(presets))
})

test('serves the contract as OpenAPI 3.1 with its public URL', async () => {
  const document = expectReply(operations.openapi, await web.agent.get('/openapi.json'), 200)
  expect(document).toMatchObject({ openapi: '3.1.0', servers: [{ url: web.config.publicUrl }] })
})

test('serves the health checks without a token', async () => {
  expectReply(operations.live, await web.agent.get('/health/live'), 200)
  expectReply(operations.ready, await web.agent.get('/health/ready'), 200)
})

test('serves Prometheus metrics by route, not by path', async () => {
  const user = await web.signUp()
  const { id } = await web.createTask(user)
  await web.agent.get(`/tasks/${id}`).set('Authorization', web.bearer(user)).expect(200)
  const metrics = web.agent.get('/metrics').set('Authorization', `Bearer ${web.config.metricsToken}`)
  const { text } = expectedText(await metrics)
  expect(text).toContain(
    'cutroom_http_request_duration_seconds_count{method="GET",route="/tasks/:id",status="200"}',
  )
  expect(text).not.toContain(id)
})

test('has no metrics for anyone without the token', async () => {
  const user = await web.signUp()
  for (const header of ['', 'Bearer', 'Bearer guess', `Basic ${web.config.metricsToken}`, web.bearer(user)]) {
    const reply = await web.agent.get('/metrics').set('Authorization', header)
    expectProblem(operations.metrics, reply, 'route.not_found')
  }
})

test('has no metrics on the public port when they have one of their own', async () => {
  const other = await openTestWeb({ env: { METRICS_PORT: '9464' } })
  try {
    const reply = await other.agent
      .get('/metrics')
      .set('Authorization', `Bearer ${other.config.metricsToken}`)
    expectProblem(operations.metrics, reply, 'route.not_found')
  } finally {
    await other.close()
  }
})

const expectedText = (reply: Parameters<typeof expectReply>[1]) => {
  expectReply(operations.metrics, reply, 200)
  return reply
}

describe('the docs page', () => {
  test('reads the contract and loads nothing from other hosts', async () => {
    const page = await web.agent.get('/docs/').expect(200)
    expect(page.type).toBe('text/html')
    const scripts = [...page.text.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, link]) => link ?? '')
    expect(scripts.length).toBeGreaterThan(2)
    for (const link of scripts) {
      expect(link).toMatch(/^\.?\/?[\w.-]+$/)
      await web.agent.get(new URL(link, 'http://x/docs/').pathname).expect(200)
    }
    const init = await web.agent.get('/docs/swagger-ui-init.js').expect(200)
    expect(init.text).toContain('/openapi.json')
    const policy = page.headers['content-security-policy']
    expect(policy).toContain("default-src 'self'")
    expect(policy).not.toMatch(/https?:|\*/)
  })

  test('keeps no token in the browser, and sends the contract to no validator', async () => {
    const { text } = await web.agent.get('/docs/swagger-ui-init.js').expect(200)
    expect(text).toContain('"persistAuthorization": false')
    expect(text).toContain('"validatorUrl": null')
  })
})

describe('the root', () => {
  const CHROME = 'text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8'

  test('is the page for a browser', async () => {
    const reply = await web.agent.get('/').set('Accept', CHROME)
    expect(reply.status).toBe(200)
    expect(reply.type).toBe('text/html')
    expect((await web.agent.head('/').set('Accept', CHROME)).status).toBe(200)
  })

  test.each(['*/*', 'application/json'])('is not found for a client that accepts %s', async (accept) => {
    expectProblem(undefined, await web.agent.get('/').set('Accept', accept), 'route.not_found')
  })

  test('is not found with another path or method', async () => {
    for (const reply of [
      await web.agent.get('/nothing').set('Accept', CHROME),
      await web.agent.post('/').set('Accept', CHROME),
    ]) {
      expectProblem(undefined, reply, 'route.not_found')
    }
  })
})

describe('an unknown route', () => {
  test('is a problem with any method', async () => {
    for (const reply of [
      await web.agent.get('/'),
      await web.agent.get('/tasks/a/b/c'),
      await web.agent.patch('/task'),
      await web.agent.get('/.env'),
    ]) {
      expectProblem(undefined, reply, 'route.not_found')
    }
  })
})

describe('a known path', () => {
  test.each([
    ['patch', '/tasks', 'GET, HEAD, OPTIONS, POST'],
    ['delete', '/auth/login', 'OPTIONS, POST'],
    ['put', `/tasks/${'0'.repeat(8)}`, 'DELETE, GET, HEAD, OPTIONS'],
    ['post', '/uploads/content/a/b', 'OPTIONS, PUT'],
  ] as const)('with the wrong method %s %s names the right ones', async (method, path, allow) => {
    const reply = await web.agent[method](path)
    expectProblem(undefined, reply, 'route.method_not_allowed')
    expect(reply.headers.allow).toBe(allow)
  })

  test('answers OPTIONS with its methods', async () => {
    const { headers } = await web.agent.options('/tasks').expect(204)
    expect(headers.allow).toBe('GET, HEAD, OPTIONS, POST')
  })
})

describe('security.txt', () => {
  test('is not found without a contact', async () => {
    const reply = await web.agent.get('/.well-known/security.txt')
    expectProblem(operations.securityTxt, reply, 'route.not_found')
  })
})

describe('every reply', () => {
  test('has a request id, the one of the client if it is valid', async () => {
    const given = await web.agent.get('/health/live').set('X-Request-Id', 'abc-123')
    expect(given.headers['x-request-id']).toBe('abc-123')
    for (const odd of ['', 'a b', 'x'.repeat(200), '<script>']) {
      const { headers } = await web.agent.get('/health/live').set('X-Request-Id', odd)
      expect(headers['x-request-id']).toMatch(/^[0-9a-f-]{36}$/)
    }
  })

  test('does not reveal Express and forbids content sniffing', async () => {
    const { headers } = await web.agent.get('/presets')
    expect(headers).not.toHaveProperty('x-powered-by')
    expect(headers['x-content-type-options']).toBe('nosniff')
    expect(headers['content-security-policy']).toBe("default-src 'none';frame-ancestors 'none'")
    expect(headers).not.toHaveProperty('strict-transport-security')
    expect(headers).not.toHaveProperty('access-control-allow-origin')
  })

  test('to a user is kept by no cache', async () => {
    const as = { Authorization: web.bearer(await web.signUp()) }
    for (const reply of [
      await web.agent.get('/auth/me').set(as),
      await web.agent.get('/tasks').set(as),
      await web.agent.get('/tasks/x').set(as),
      await web.agent.get('/tasks'),
      await web.agent.post('/uploads').set(as).send({}),
      await web.agent.post('/auth/login').send({ email: 'a@example.com', password: 'x' }),
    ]) {
      expect(reply.headers['cache-control']).toBe('no-store')
    }
  })
})
