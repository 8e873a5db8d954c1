import type { Policy, Verdict } from '#shared/limits/policy.ts'

const seconds = (ms: number) => Math.ceil(ms / 1000)

/**
 * The headers that describe limits and what is left of them, as
 * https://datatracker.ietf.org/doc/draft-ietf-httpapi-ratelimit-headers/11/ specifies: `q` uses per `w` seconds; `r` are left,
 * and all are available again in `t` seconds.
 */
export function rateLimitHeaders(asked: { policy: Policy; verdict: Verdict }[]): Record<string, string> {
  const refusals = asked.filter(({ verdict }) => !verdict.allowed)
  const waits = refusals.map(({ verdict }) => seconds(verdict.retryAfterMs))
  return {
    'RateLimit-Policy': asked
      .map(({ policy }) => `"${policy.name}";q=${policy.count};w=${seconds(policy.windowMs)}`)
      .join(', '),
    RateLimit: asked
      .map(({ policy, verdict }) => `"${policy.name}";r=${verdict.remaining};t=${seconds(verdict.resetMs)}`)
      .join(', '),
    ...(waits.length > 0 && { 'Retry-After': String(Math.max(...waits)) }),
  }
}
