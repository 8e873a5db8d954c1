import type { Request, RequestHandler } from 'express'
import type { OperationId } from '#shared/contract/operations.ts'
import { CutroomError } from '#shared/errors.ts'
import type { Policy, Verdict } from '#shared/limits/policy.ts'
import type { RateLimiter } from '#shared/limits/rate-limiter.ts'
import { refusedRequests } from '#shared/observability/metrics.ts'
import type { Principal } from '../http/principal.ts'
import { type ClientAddress, clientAddress } from './client-address.ts'
import { LIMITED_OPERATIONS } from './limited-operations.ts'
import type { Limit, Limits } from './limits.ts'
import { rateLimitHeaders } from './rate-limit-headers.ts'

type Asked = { policy: Policy; verdict: Verdict }[]

/**
 * How much more may come from the machine that the service runs on: tests, scripts and, where TRUST_PROXY is not set, all
 * clients of a proxy there.
 */
const LOOPBACK_FACTOR = 100

/**
 * Middleware that requires a request to be within the rate limits of its operation, and describes them in its reply; undefined
 * for an operation without any. It has to run after the authentication and before the body is read. `inspect` is shown each
 * limited request.
 * @throws CutroomError `request.rate_limited` with Retry-After.
 */
export function limitRequests(
  operationId: OperationId,
  limits: Limits,
  limiter: RateLimiter,
  inspect: (req: Request) => void,
): RequestHandler | undefined {
  const limitsOfRequest = LIMITED_OPERATIONS[operationId]
  if (!limitsOfRequest) return undefined
  return async (req, res, next) => {
    inspect(req)
    const asked: Asked = []
    for (const name of limitsOfRequest(req)) {
      const { policy, subject } = applied(limits[name], clientAddress(req), res.locals.user)
      asked.push({ policy, verdict: await limiter.use(policy, subject) })
      res.set(rateLimitHeaders(asked))
      if (asked.at(-1)?.verdict.allowed === false) {
        refusedRequests.inc({ limit: policy.name })
        throw rateLimited(req, policy, asked)
      }
    }
    next()
  }
}

function applied(limit: Limit, address: ClientAddress, user: Principal | undefined) {
  if (limit.by === 'user') return { policy: limit, subject: user?.id ?? '' }
  const count = limit.count * (address.isLoopback ? LOOPBACK_FACTOR : 1)
  return { policy: { ...limit, count }, subject: address.text }
}

function rateLimited({ method, path }: Request, { name, count, windowMs }: Policy, asked: Asked) {
  const headers = rateLimitHeaders(asked)
  return new CutroomError(
    'request.rate_limited',
    `${method} ${path} was refused by the limit \`${name}\` of ${count} in ${windowMs / 1000} s; ` +
      `try again in ${headers['Retry-After']} s.`,
    { headers },
  )
}
