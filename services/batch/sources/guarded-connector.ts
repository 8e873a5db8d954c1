import { lookup as resolveByDns } from 'node:dns/promises'
import { isIP, type LookupFunction } from 'node:net'
import { buildConnector } from 'undici'
import { bareHost, isAllowedHost, isPublicAddress } from '#shared/net/public-address.ts'
import { sourceRefused, sourceUnavailable } from './source-errors.ts'

export type ResolvedAddress = { address: string; family: number }

export type ConnectionGuard = {
  /** Hosts (host or host:port) read although their address is not public. */
  allowHosts: readonly string[]
  /** Milliseconds without a byte, or without a connection, after which a source counts as gone. */
  readTimeoutMs: number
  /** Every address of a name; the system's resolver when left out. */
  resolve?: (hostname: string) => Promise<ResolvedAddress[]>
  /** Which addresses may be dialled; public ones when left out. */
  mayConnect?: (address: string) => boolean
}

/** Connects to checked addresses only; anything else fails with `source.refused` before it is dialled. */
export function guardedConnector(guard: ConnectionGuard): buildConnector.connector {
  const { allowHosts, readTimeoutMs, resolve = resolveAll, mayConnect = isPublicAddress } = guard
  const connectWhere = (mayUse: (address: string) => boolean) =>
    buildConnector({ allowH2: false, timeout: readTimeoutMs, lookup: checkedLookup(resolve, mayUse) })
  const connect = connectWhere(mayConnect)
  const connectAllowed = connectWhere(() => true)
  return (target, callback) => {
    const url = new URL(`${target.protocol}//${target.host ?? target.hostname}`)
    if (isAllowedHost(url, allowHosts)) return connectAllowed(target, callback)
    // A socket looks up names only, so an address that stands in the URL itself is checked here.
    const host = bareHost(url.hostname)
    if (isIP(host) !== 0 && !mayConnect(host)) return callback(sourceRefused(url.host, PUBLIC_ONLY), null)
    connect(target, callback)
  }
}

/** A lookup for sockets: all addresses of a name, or none when any of them may not be dialled. */
function checkedLookup(
  resolve: (hostname: string) => Promise<ResolvedAddress[]>,
  mayDial: (address: string) => boolean,
): LookupFunction {
  return (hostname, { all }, callback) => {
    resolve(hostname).then(
      (addresses) => {
        const [one] = addresses
        if (!one) callback(sourceUnavailable(hostname, 'its name has no address'), '')
        else if (!addresses.every(({ address }) => mayDial(address)))
          callback(sourceRefused(hostname, PUBLIC_ONLY), '')
        else if (all) callback(null, addresses)
        else callback(null, one.address, one.family)
      },
      (error: Error) => callback(error, ''),
    )
  }
}

const PUBLIC_ONLY = 'only public addresses are read'

const resolveAll = (hostname: string) => resolveByDns(hostname, { all: true })
