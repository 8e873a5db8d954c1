import { lookup as dnsLookup } from 'node:dns/promises'
import { isIP, type LookupFunction } from 'node:net'
import { buildConnector } from 'undici'
import { bareHost, isAllowedHost, isPublicAddress } from '#shared/net/public-address.ts'
import { hostNotPublic, sourceRefused } from './source-errors.ts'

export type ResolvedAddress = { address: string; family: number }

export type ConnectionGuard = {
  /** Hosts (host or host:port) that may be reached although their address is not public. */
  allowHosts: readonly string[]
  /** Milliseconds to wait for a connection, and then for each next byte. */
  readTimeoutMs: number
  /** Returns all addresses of a name; the system's resolver by default. */
  resolve?: (hostname: string) => Promise<ResolvedAddress[]>
  /** Decides which addresses may be connected to; public ones by default. */
  mayConnect?: (address: string) => boolean
}

/**
 * A connector for undici that connects to checked addresses only. Anything else fails with `source.refused` before
 * a packet is sent.
 */
export function guardedConnector(guard: ConnectionGuard): buildConnector.connector {
  const { allowHosts, readTimeoutMs, resolve = resolveAll, mayConnect = isPublicAddress } = guard
  const connectorFor = (mayUse: (address: string) => boolean) =>
    buildConnector({ allowH2: false, timeout: readTimeoutMs, lookup: checkedLookup(resolve, mayUse) })
  const connect = connectorFor(mayConnect)
  const connectAllowed = connectorFor(() => true)
  return (target, callback) => {
    const url = new URL(`${target.protocol}//${target.host ?? target.hostname}`)
    if (isAllowedHost(url, allowHosts)) return connectAllowed(target, callback)
    // Sockets look up names only, so an IP address in the URL itself is checked here.
    const host = bareHost(url.hostname)
    if (isIP(host) !== 0 && !mayConnect(host)) return callback(sourceRefused(url.host, PUBLIC_ONLY), null)
    connect(target, callback)
  }
}

/** A lookup for sockets: all addresses of a name, or an error when a single one of them may not be used. */
function checkedLookup(
  resolve: (hostname: string) => Promise<ResolvedAddress[]>,
  mayConnect: (address: string) => boolean,
): LookupFunction {
  return (hostname, { all }, callback) => {
    resolve(hostname).then(
      (addresses) => {
        const [first] = addresses
        if (!first || !addresses.every(({ address }) => mayConnect(address))) {
          callback(hostNotPublic(hostname), '')
        } else if (all) {
          callback(null, addresses)
        } else {
          callback(null, first.address, first.family)
        }
      },
      (error: Error) => callback(error, ''),
    )
  }
}

const PUBLIC_ONLY = 'its address is not public'

const resolveAll = (hostname: string) => dnsLookup(hostname, { all: true })
