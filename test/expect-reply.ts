import { expect } from '@jest/globals'
import type { Response } from 'supertest'
import type { z } from 'zod'
import { buildOpenApi } from '#shared/contract/openapi.ts'
import type { Operation } from '#shared/contract/operations.ts'
import { Problem } from '#shared/contract/problem.ts'
import { CATALOGUE, type ErrorCode } from '#shared/errors.ts'

const document = buildOpenApi('http://cutroom.test', '0')

type BodyOf<O extends Operation, Status extends number> =
  O['replies'] extends Record<Status, { body: infer Schema extends z.ZodType }> ? z.infer<Schema> : undefined

/**
 * Checks a reply against the contract: the status is as expected and documented, and the body matches its schema with
 * no further fields. Returns the body.
 */
export function expectReply<O extends Operation, Status extends number>(
  operation: O,
  response: Response,
  status: Status,
): BodyOf<O, Status> {
  expect({ status: response.status, ...problemOf(response) }).toEqual({ status })
  const reply = operation.replies[status]
  if (!reply) throw new Error(`${operation.id} does not document ${status}.`)
  if (typeof reply.body === 'string') expect(response.type).toBe(reply.body)
  if (reply.body === undefined) expect(response.text ?? '').toBe('')
  if (typeof reply.body === 'object') {
    expect(response.type).toBe('application/json')
    expect(reply.body.parse(response.body)).toEqual(response.body)
  }
  return response.body as BodyOf<O, Status>
}

/** Checks that a reply is a problem document with this code and a status that the operation documents. */
export function expectProblem(
  operation: Operation | undefined,
  response: Response,
  code: ErrorCode,
): Problem {
  expect(response.type).toBe('application/problem+json')
  const problem = Problem.parse(response.body)
  expect(problem).toEqual(response.body)
  expect(problem).toMatchObject({ code, status: CATALOGUE[code].status, title: CATALOGUE[code].title })
  expect(response.status).toBe(problem.status)
  expect(response.headers['x-request-id']).toBe(problem.request_id)
  if (operation) expect(documentedStatuses(operation)).toContain(problem.status)
  return problem
}

/** Checks that a reply is `request.invalid` and names exactly these fields. */
export function expectFieldErrors(operation: Operation, response: Response, paths: string[]): Problem {
  const problem = expectProblem(operation, response, 'request.invalid')
  expect(problem.errors?.map(({ path }) => path).sort()).toEqual([...paths].sort())
  return problem
}

// Shows the problem in the message of a failed expectation.
const problemOf = ({ type, body }: Response) =>
  type === 'application/problem+json' ? { problem: body.code, detail: body.detail, errors: body.errors } : {}

function documentedStatuses({ path, method }: Operation): number[] {
  const described = document.paths?.[path.replace('{+', '{')]?.[method]
  return Object.keys(described?.responses ?? {}).map(Number)
}
