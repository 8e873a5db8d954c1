import type { RequestListener } from 'node:http'
import { afterEach, describe, expect, test } from '@jest/globals'
import { Webhook } from 'standardwebhooks'
import { startTestHost } from '../sources/testing/source-host.ts'
import { toTaskEvent } from './message.ts'
import { due } from './testing/fixtures.ts'
import { createWebhook, type WebhookSettings } from './webhook.ts'

const cleanUps: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp()
})
const never = new AbortController().signal

/** A receiver that records the bodies it gets. */
async function receiver(answer: RequestListener = (_request, response) => response.writeHead(204).end()) {
  const bodies: string[] = []
  const host = await startTestHost(async (request, response) => {
    let body = ''
    for await (const chunk of request) body += chunk
    bodies.push(body)
    answer(request, response)
  })
  cleanUps.push(host.close)
  return { ...host, bodies }
}

const send = (target: string, settings: Partial<WebhookSettings> = {}, signal = never) =>
  createWebhook({ allowHosts: [], timeoutMs: 5_000, ...settings })(due({ target }), signal)

test('the event arrives once, with a valid signature', async () => {
  const { origin, hostPort, requests, bodies } = await receiver()
  const one = due({ target: `${origin}/hook?key=1` })
  await createWebhook({ allowHosts: [hostPort] })(one, never)
  expect(requests).toHaveLength(1)
  const { url, headers } = requests[0] ?? {}
  expect(url).toBe('/hook?key=1')
  expect(headers).toMatchObject({ 'content-type': 'application/json', 'webhook-id': one.id })
  const verify = (secret: string, body = bodies[0] ?? '') =>
    new Webhook(secret).verify(body, headers as Record<string, string>)
  expect(verify(one.secret ?? '')).toEqual(toTaskEvent(one))
  expect(() => verify(due().secret ?? '')).toThrow('No matching signature')
  expect(() => verify(one.secret ?? '', `${bodies[0]} `)).toThrow('No matching signature')
})

describe('the reply of a receiver', () => {
  test.each([
    [200, undefined],
    [202, undefined],
    [301, 'notify.failed'],
    [400, 'notify.failed'],
    [404, 'notify.failed'],
    [410, 'notify.rejected'],
    [500, 'notify.failed'],
  ])('of %d means %s', async (status, code) => {
    const { origin, hostPort } = await receiver((_request, response) =>
      response.writeHead(status, { location: 'http://127.0.0.1:1/' }).end(),
    )
    const sent = send(origin, { allowHosts: [hostPort] })
    if (code) await expect(sent).rejects.toMatchObject({ code })
    else await expect(sent).resolves.toBeUndefined()
  })

  test('is not read beyond its status, however long it is', async () => {
    const { origin, hostPort } = await receiver((request, response) => {
      response.writeHead(200)
      const more = () => {
        while (response.write(Buffer.alloc(65_536)));
      }
      response.on('drain', more)
      request.socket.on('error', () => undefined)
      more()
    })
    await expect(send(origin, { allowHosts: [hostPort] })).resolves.toBeUndefined()
  })

  test('that comes too late counts as a failure', async () => {
    const { origin, hostPort } = await receiver(() => undefined)
    await expect(send(origin, { allowHosts: [hostPort], timeoutMs: 100 })).rejects.toMatchObject({
      code: 'notify.failed',
      retry: true,
    })
  })

  test('is missing when nobody listens, and the error contains neither address nor query', async () => {
    const { origin, hostPort, close } = await receiver()
    cleanUps.pop()
    await close()
    const failure = await send(`${origin}/hook?key=secret`, { allowHosts: [hostPort] }).catch(
      (error) => error,
    )
    expect(failure).toMatchObject({ code: 'notify.failed', retry: true })
    expect(failure.message).not.toMatch(/secret|127\.0\.0\.1/)
  })
})

describe('never connects to', () => {
  test.each([
    'https://127.0.0.1/hook',
    'http://[::1]/hook',
    'http://[::127.0.0.1]/hook',
    'http://169.254.169.254/computeMetadata/v1/',
    'https://me:secret@example.com/',
    'https://example.com:25/',
  ])('%s', async (target) => {
    const resolved: string[] = []
    const resolve = async (name: string) => {
      resolved.push(name)
      return [{ address: '127.0.0.1', family: 4 }]
    }
    await expect(send(target, { resolve })).rejects.toMatchObject({ code: 'notify.refused', retry: false })
    expect(resolved).toEqual([])
  })

  test.each([
    ['loopback', '127.0.0.1'],
    ['the metadata server', '169.254.169.254'],
    ['a private network', '10.0.0.1'],
  ])('a host name that resolves to %s when it is called', async (_, address) => {
    const inside = await receiver()
    const resolve = async () => [{ address, family: 4 }]
    const sent = send(`http://harmless.test:${inside.port}/`, { resolve })
    // As for a name that does not exist.
    await expect(sent).rejects.toMatchObject({ code: 'notify.failed' })
    expect(inside.requests).toEqual([])
  })

  test('the target of a redirect', async () => {
    const inside = await receiver()
    const outside = await receiver((_request, response) =>
      response.writeHead(307, { location: `${inside.origin}/` }).end(),
    )
    await expect(send(outside.origin, { allowHosts: [outside.hostPort] })).rejects.toMatchObject({
      code: 'notify.failed',
    })
    expect(inside.requests).toEqual([])
  })
})

test('shutting down aborts the delivery', async () => {
  const stopping = new AbortController()
  const { origin, hostPort } = await receiver(() => stopping.abort())
  await expect(send(origin, { allowHosts: [hostPort] }, stopping.signal)).rejects.toMatchObject({
    code: 'notify.failed',
  })
})
