import type { Request } from 'express'
import type { Logger } from '#shared/observability/logger.ts'

/**
 * Returns what warns, once, of a request that came through a proxy although the setting TRUST_PROXY knows of none: the limits
 * of addresses then count all clients together.
 */
export function warnOfProxy(trustProxy: number, log: Logger): (req: Pick<Request, 'get'>) => void {
  let warned = trustProxy > 0
  return (req) => {
    if (warned || req.get('X-Forwarded-For') === undefined) return
    warned = true
    log.warn('a proxy reports client addresses, but TRUST_PROXY is 0: all clients count as one address')
  }
}
