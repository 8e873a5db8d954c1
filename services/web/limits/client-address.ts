import type { Request } from 'express'
import ipaddr from 'ipaddr.js'

/** Whom a limit counts as one client. */
export type ClientAddress = {
  /** An IPv4 address, or an IPv6 network such as `2001:db8:1:2::/64`: a client has at least one of those to itself. */
  text: string
  /** The client runs on this machine. */
  isLoopback: boolean
}

/** The client of a request. `req.ip` follows from the setting TRUST_PROXY. */
export const clientAddress = (req: Pick<Request, 'ip' | 'socket'>): ClientAddress =>
  // A proxy that passes on what its client sent can name anything.
  parseAddress(req.ip) ?? parseAddress(req.socket.remoteAddress) ?? { text: 'unknown', isLoopback: false }

/** An address as limits count it, or undefined for anything else. */
export function parseAddress(text: string | undefined): ClientAddress | undefined {
  if (!text || !ipaddr.isValid(text)) return undefined
  const address = ipaddr.process(text)
  const isLoopback = address.range() === 'loopback'
  if (address.kind() === 'ipv4') return { text: address.toString(), isLoopback }
  const network = ipaddr.IPv6.networkAddressFromCIDR(`${address.toNormalizedString().replace(/%.*$/, '')}/64`)
  return { text: `${network}/64`, isLoopback }
}
