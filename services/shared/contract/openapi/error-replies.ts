import { CATALOGUE, type ErrorCode } from '../../errors.ts'
import type { Access, Operation } from '../operation.ts'
import { Problem } from '../problem.ts'

/** Error statuses that every operation can answer, by how it authenticates. */
const COMMON_STATUSES: Record<Access, number[]> = {
  public: [400, 422, 429, 503],
  user: [400, 401, 403, 422, 429, 503],
  link: [400, 503],
}
const BODY_STATUSES = [408, 413, 415]

/** https://datatracker.ietf.org/doc/draft-ietf-httpapi-ratelimit-headers/11/ */
const RATE_LIMIT_HEADERS = {
  'Retry-After': { description: 'Seconds to wait.', schema: { type: 'integer' as const }, example: 3 },
  'RateLimit-Policy': {
    description:
      'The limits of the operation, where it has any: `q` requests in `w` seconds. Successful replies have it, too.',
    schema: { type: 'string' as const },
    example: '"tasks";q=20;w=1',
  },
  RateLimit: {
    description:
      'What is left of each limit: `r` requests; the whole quota is available again in `t` seconds.',
    schema: { type: 'string' as const },
    example: '"tasks";r=0;t=1',
  },
}

/** How each status is described, and the code that its example shows. */
const ERROR_REPLIES: Record<number, { description: string; code: ErrorCode }> = {
  400: { description: 'The request could not be parsed', code: 'request.malformed' },
  401: { description: 'The token is missing, invalid or expired', code: 'auth.required' },
  403: { description: 'Not allowed', code: 'upload.link_invalid' },
  404: { description: 'Not found, or owned by another user', code: 'task.not_found' },
  408: { description: 'The body arrived too slowly', code: 'request.timed_out' },
  409: { description: 'The request conflicts with the current state', code: 'user.exists' },
  413: { description: 'The body is too large', code: 'request.too_large' },
  415: { description: 'The media type is not supported', code: 'request.unsupported_type' },
  416: { description: 'The range is outside the file', code: 'request.range_not_satisfiable' },
  422: {
    description: 'The request has invalid fields; `errors` lists each of them',
    code: 'request.invalid',
  },
  429: {
    description: 'Too many requests; try again after `Retry-After` seconds',
    code: 'request.rate_limited',
  },
  503: {
    description: 'A dependency of the service is unavailable; try again later',
    code: 'database.unavailable',
  },
  507: { description: 'There is not enough free space to store the file', code: 'storage.full' },
}

const missingScope = (scope: string) => ({
  description: `The API key does not have the scope \`${scope}\``,
  code: 'auth.scope_missing' as const,
})

/** The error replies of an operation in OpenAPI, by status. */
export function errorReplies(operation: Operation) {
  const statuses = new Set([
    ...COMMON_STATUSES[operation.access],
    ...(operation.body ? BODY_STATUSES : []),
    ...(operation.problems ?? []),
  ])
  return Object.fromEntries([...statuses].sort().map((status) => [status, errorReply(status, operation)]))
}

function errorReply(status: number, operation: Operation) {
  const { description, code } = {
    ...(ERROR_REPLIES[status] ?? { description: 'Error', code: 'internal.bug' as const }),
    ...(status === 403 && operation.scope && missingScope(operation.scope)),
    ...(status === 404 && operation.notFound && { code: operation.notFound }),
  }
  const { title } = CATALOGUE[code]
  const errors = status === 422 && {
    errors: [{ path: 'name.of.the.field', message: 'what is wrong with it' }],
  }
  const example = { type: 'about:blank', title, status, code, detail: `${title}.`, ...errors }
  const headers = status === 429 && { headers: RATE_LIMIT_HEADERS }
  return { description, ...headers, content: { 'application/problem+json': { schema: Problem, example } } }
}
