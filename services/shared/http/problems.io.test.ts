import { expect, test } from '@jest/globals'
import express from 'express'
import supertest from 'supertest'
import { CutroomError } from '../errors.ts'
import { type Logger, silentLogger } from '../observability/logger.ts'
import { errorHandler } from './problems.ts'
import { requestContext } from './request-context.ts'

/** Sends a body to an app that rejects it, and returns the reply and what was logged. */
async function rejected(body: string) {
  const lines: unknown[] = []
  const log: Logger = { ...silentLogger, debug: (...line) => void lines.push(line), child: () => log }
  const app = express().use(requestContext(log), express.json())
  app.post('/', (req) => {
    const path = Object.keys(req.body)[0] ?? ''
    throw new CutroomError(path ? 'request.invalid' : 'task.not_found', `as the test wants it ${path}`)
  })
  const reply = await supertest(app.use(errorHandler))
    .post('/')
    .set('Content-Type', 'application/json')
    .send(body)
  return { reply, log: JSON.stringify(lines) }
}

test.each([
  ['is not JSON', '{"headers":{"Authorization":s3cret}}', 'request.malformed'],
  ['has a secret as the name of a field', '{"Authorization: s3cret":""}', 'request.invalid'],
])('what a body contains that %s is for its sender, not for the log', async (_, body, code) => {
  const { reply, log } = await rejected(body)
  expect(reply.body.code).toBe(code)
  expect(reply.text).toContain('s3cret')
  expect(log).toContain(code)
  expect(log).not.toContain('s3cret')
})

test('why other requests were rejected is logged', async () => {
  expect((await rejected('{}')).log).toContain('as the test wants it')
})
