import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { openTestWeb, type TestWeb } from '#test/web-app.ts'

const ORIGIN = 'https://app.example.com'

let web: TestWeb
beforeAll(async () => {
  web = await openTestWeb({
    env: {
      CORS_ORIGINS: `${ORIGIN}, http://localhost:5173`,
      PUBLIC_URL: 'https://cutroom.test',
      SECURITY_CONTACT: 'mailto:security@example.com',
    },
  })
})
afterAll(() => web.close())

const preflight = (origin: string) =>
  web.agent.options('/tasks').set({
    Origin: origin,
    'Access-Control-Request-Method': 'POST',
    'Access-Control-Request-Headers': 'authorization,content-type,idempotency-key',
  })

describe('a page of a listed origin', () => {
  test('may call the API, and read the headers of its replies', async () => {
    const reply = await web.agent.get('/tasks').set('Origin', ORIGIN)
    expect(reply.status).toBe(401)
    expect(reply.headers).toMatchObject({ 'access-control-allow-origin': ORIGIN, vary: 'Origin' })
    expect(reply.headers['access-control-expose-headers']).toContain('Retry-After')
    expect(reply.headers).not.toHaveProperty('access-control-allow-credentials')
  })

  test('gets an answer to its preflight request', async () => {
    const { headers } = await preflight(ORIGIN).expect(204)
    expect(headers['access-control-allow-origin']).toBe(ORIGIN)
    expect(headers['access-control-allow-methods']).toContain('DELETE')
    expect(headers['access-control-allow-headers']).toMatch(/Authorization.*Idempotency-Key/)
  })
})

test.each(['https://evil.example', `${ORIGIN}.evil.example`, 'https://app.example.com:444', 'null'])(
  'a page of %s may not',
  async (origin) => {
    for (const reply of [await preflight(origin), await web.agent.get('/presets').set('Origin', origin)]) {
      expect(reply.headers).not.toHaveProperty('access-control-allow-origin')
      expect(reply.headers.vary).toBe('Origin')
    }
  },
)

test('a service with an https URL demands TLS of browsers', async () => {
  const { headers } = await web.agent.get('/presets')
  expect(headers['strict-transport-security']).toMatch(/^max-age=31536000/)
})

test('the contact for vulnerabilities is published', async () => {
  const reply = await web.agent.get('/.well-known/security.txt').expect(200)
  expect(reply.type).toBe('text/plain')
  expect(reply.text).toMatch(/^Contact: mailto:security@example.com\n/)
})
