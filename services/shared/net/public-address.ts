import { isIP } from 'node:net'
import ipaddr from 'ipaddr.js'

/** Why a URL must not be fetched, in words for the user; undefined when it may be. */
export type RejectionReason = string | undefined

/** The allocated part of global unicast: https://www.iana.org/assignments/ipv6-address-space */
const GLOBAL_UNICAST = ipaddr.IPv6.parseCIDR('2000::/3')

/** NAT64 translates these to the IPv4 address in the last 32 bits (RFC 6052). */
const NAT64 = ipaddr.IPv6.parseCIDR('64:ff9b::/96')

/** ipaddr.js parses ::1.2.3.4 as ::ffff:1.2.3.4, unlike sockets; no such address is public. */
const IPV4_COMPATIBLE = /^::\d+\.\d+\.\d+\.\d+$/

/** Azure's metadata and DNS service, an internal service on a public address. */
const INTERNAL_ADDRESSES = new Set(['168.63.129.16'])

/**
 * Whether a resolved IP address is public unicast and may be connected to. Private, loopback, link-local (which includes
 * cloud metadata services), carrier-grade NAT, multicast, reserved and documentation addresses are not, in any IPv6
 * form that embeds them. Neither is anything that is not an IP address.
 */
export function isPublicAddress(address: string): boolean {
  if (isIP(address) === 0 || IPV4_COMPATIBLE.test(address)) return false
  const parsed = ipaddr.parse(address)
  return parsed instanceof ipaddr.IPv6 ? isPublicIPv6(parsed) : isPublicIPv4(parsed)
}

function isPublicIPv4(address: ipaddr.IPv4): boolean {
  return address.range() === 'unicast' && !INTERNAL_ADDRESSES.has(address.toString())
}

function isPublicIPv6(address: ipaddr.IPv6): boolean {
  if (address.isIPv4MappedAddress()) return isPublicIPv4(address.toIPv4Address())
  if (address.match(NAT64)) return isPublicIPv4(new ipaddr.IPv4(address.toByteArray().slice(12)))
  // ipaddr.js classifies ::7f00:1 (IPv4-compatible) as unicast; the allocated range excludes it.
  return address.match(GLOBAL_UNICAST) && address.range() === 'unicast'
}

/**
 * Checks a URL before its host name is resolved. Rejected are schemes other than http and https, credentials, ports of
 * other services, and IP addresses that are not public. The last two do not apply to `allowHosts` (host or host:port).
 */
export function rejectionReason(
  url: URL,
  allowHosts: readonly string[],
  isAllowedAddress: (address: string) => boolean = isPublicAddress,
): RejectionReason {
  if (url.protocol !== 'http:' && url.protocol !== 'https:') return 'only http and https URLs are allowed'
  if (url.username !== '' || url.password !== '') return 'the URL must not contain a user name or password'
  if (isAllowedHost(url, allowHosts)) return undefined
  // Ports below 1024 belong to mail, shells and the like, which must not receive forged requests (cross-protocol SSRF).
  if (url.port !== '' && Number(url.port) < 1024 && url.port !== '80' && url.port !== '443') {
    return 'only ports 80, 443 and 1024 or above are allowed'
  }
  const host = bareHost(url.hostname)
  if (isIP(host) !== 0 && !isAllowedAddress(host)) return 'only public addresses are allowed'
  return undefined
}

/** Whether the list contains this URL's host, with or without its port. */
export function isAllowedHost(url: URL, allowHosts: readonly string[]): boolean {
  const port = url.port || (url.protocol === 'https:' ? '443' : '80')
  return allowHosts.includes(url.hostname) || allowHosts.includes(`${url.hostname}:${port}`)
}

/** A host name as sockets expect it: an IPv6 address without brackets. */
export const bareHost = (hostname: string): string => hostname.replace(/^\[(.*)\]$/, '$1')
