import { isIP } from 'node:net'
import ipaddr from 'ipaddr.js'

/** Why an address may not be read, fit for the owner's eyes; undefined when it may. */
export type RejectionReason = string | undefined

/** All of global unicast that has been given out: https://www.iana.org/assignments/ipv6-address-space */
const GLOBAL_UNICAST = ipaddr.IPv6.parseCIDR('2000::/3')

/** Translated by NAT64, which reaches the IPv4 address in the last 32 bits (RFC 6052). */
const NAT64 = ipaddr.IPv6.parseCIDR('64:ff9b::/96')

/** ipaddr.js takes ::1.2.3.4 for ::ffff:1.2.3.4; a socket does not, and nothing public lives there. */
const IPV4_COMPATIBLE = /^::\d+\.\d+\.\d+\.\d+$/

/** Azure's metadata and DNS service: internal, though its address looks public. */
const INTERNAL_THOUGH_PUBLIC = new Set(['168.63.129.16'])

/**
 * Whether an IP address, as a resolver gives it, may be dialled: public unicast only. Private, loopback,
 * link-local (cloud metadata among them), shared, multicast, reserved and documentation addresses may not,
 * in whatever IPv6 form they hide. What is no IP address may not either.
 */
export function isPublicAddress(address: string): boolean {
  if (isIP(address) === 0 || IPV4_COMPATIBLE.test(address)) return false
  const parsed = ipaddr.parse(address)
  return parsed instanceof ipaddr.IPv6 ? isPublicIPv6(parsed) : isPublicIPv4(parsed)
}

function isPublicIPv4(address: ipaddr.IPv4): boolean {
  return address.range() === 'unicast' && !INTERNAL_THOUGH_PUBLIC.has(address.toString())
}

function isPublicIPv6(address: ipaddr.IPv6): boolean {
  if (address.isIPv4MappedAddress()) return isPublicIPv4(address.toIPv4Address())
  if (address.match(NAT64)) return isPublicIPv4(new ipaddr.IPv4(address.toByteArray().slice(12)))
  // ipaddr.js calls ::7f00:1 (IPv4-compatible) unicast; it lies outside of what has been given out.
  return address.match(GLOBAL_UNICAST) && address.range() === 'unicast'
}

/**
 * What speaks against reading a URL, before any name is resolved: another scheme than http or https,
 * credentials, a port of some other service, or an IP address that is not public. `allowHosts` (host or
 * host:port) are excused from the last two.
 */
export function rejectionReason(
  url: URL,
  allowHosts: readonly string[],
  mayDial: (address: string) => boolean = isPublicAddress,
): RejectionReason {
  if (url.protocol !== 'http:' && url.protocol !== 'https:') return 'only http and https addresses are read'
  if (url.username !== '' || url.password !== '') return 'an address must not carry a user name or password'
  if (isAllowedHost(url, allowHosts)) return undefined
  // Below 1024 live mail, shells and the like, which must not be made to listen to a stranger's request.
  if (url.port !== '' && Number(url.port) < 1024 && url.port !== '80' && url.port !== '443')
    return 'only ports 80, 443 and those from 1024 on are read'
  const host = bareHost(url.hostname)
  if (isIP(host) !== 0 && !mayDial(host)) return 'only public addresses are read'
  return undefined
}

/** Whether the list names this URL's host, with its port or without. */
export function isAllowedHost(url: URL, allowHosts: readonly string[]): boolean {
  const port = url.port || (url.protocol === 'https:' ? '443' : '80')
  return allowHosts.includes(url.hostname) || allowHosts.includes(`${url.hostname}:${port}`)
}

/** A host as sockets want it: an IPv6 address without its brackets. */
export const bareHost = (hostname: string): string => hostname.replace(/^\[(.*)\]$/, '$1')
