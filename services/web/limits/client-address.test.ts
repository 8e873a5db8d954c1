import { expect, test } from '@jest/globals'
import { clientAddress, parseAddress } from './client-address.ts'

test.each([
  ['192.0.2.7', '192.0.2.7', false],
  ['::ffff:192.0.2.7', '192.0.2.7', false],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64', false],
  ['2001:DB8:1:2::ffff', '2001:db8:1:2::/64', false],
  ['fe80::1%eth0', 'fe80::/64', false],
  ['127.0.0.1', '127.0.0.1', true],
  ['127.8.8.8', '127.8.8.8', true],
  ['::1', '::/64', true],
  ['::ffff:127.0.0.1', '127.0.0.1', true],
])('%s counts as %s', (text, expected, isLoopback) => {
  expect(parseAddress(text)).toEqual({ text: expected, isLoopback })
})

test.each([undefined, '', 'unknown', '192.0.2.7:443', '256.0.0.1', '<script>'])(
  '%s is no address',
  (text) => {
    expect(parseAddress(text)).toBeUndefined()
  },
)

test('a header that names no address counts as the proxy that sent it', () => {
  const request = (ip: string | undefined, remoteAddress: string | undefined) =>
    clientAddress({ ip, socket: { remoteAddress } } as Parameters<typeof clientAddress>[0]).text
  expect(request('nonsense', '192.0.2.1')).toBe('192.0.2.1')
  expect(request('192.0.2.9', '192.0.2.1')).toBe('192.0.2.9')
  expect(request(undefined, undefined)).toBe('unknown')
})
