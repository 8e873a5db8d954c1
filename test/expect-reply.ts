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
 * Holds a reply to the contract: its status is the one expected and one the operation documents, and its body is
 * what the schema says, field by field and nothing besides. Gives the body.
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

/** Holds a refusal to the contract: a problem document with this code, which the operation documents. */
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

/** The same, and these fields are named, no more and no less. */
export function expectFaults(operation: Operation, response: Response, paths: string[]): Problem {
  const problem = expectProblem(operation, response, 'request.invalid')
  expect(problem.errors?.map(({ path }) => path).sort()).toEqual([...paths].sort())
  return problem
}

// A failure that names the problem saves a look into the log.
const problemOf = ({ type, body }: Response) =>
  type === 'application/problem+json' ? { problem: body.code, detail: body.detail, errors: body.errors } : {}

function documentedStatuses({ path, method }: Operation): number[] {
  const described = document.paths?.[path.replace('{+', '{')]?.[method]
  return Object.keys(described?.responses ?? {}).map(Number)
}
