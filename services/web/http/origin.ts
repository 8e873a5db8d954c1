import type { Request } from 'express'
import type { Origin } from '#shared/accounts/origin.ts'
import { parseAddress } from '../limits/client-address.ts'

const MAX_USER_AGENT = 200

/**
 * Where a request came from, to be shown to the account's owner. The address follows from the setting TRUST_PROXY, IPv4 in
 * its usual form also on a socket of IPv6.
 */
export function originOf(req: Pick<Request, 'ip' | 'socket' | 'get'>): Origin {
  // A proxy that passes on what its client sent can name anything.
  const address = parseAddress(req.ip) ? req.ip : req.socket.remoteAddress
  return {
    address: address?.replace(/^::ffff:(?=\d+\.)/i, '') ?? null,
    userAgent: req.get('User-Agent')?.slice(0, MAX_USER_AGENT) ?? null,
  }
}
