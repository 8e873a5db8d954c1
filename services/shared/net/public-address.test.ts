import { describe, expect, test } from '@jest/globals'
import { isPublicAddress, rejectionReason } from './public-address.ts'

describe('an IP address', () => {
  test.each([
    ['8.8.8.8'],
    ['1.1.1.1'],
    ['172.15.255.255'],
    ['172.32.0.1'],
    ['100.63.255.255'],
    ['2606:4700:4700::1111'],
    ['2a00:1450:4001:82a::200e'],
    ['::ffff:8.8.8.8'],
    ['64:ff9b::8.8.8.8'],
  ])('%s is public', (address) => {
    expect(isPublicAddress(address)).toBe(true)
  })

  test.each([
    ['this host', '0.0.0.0'],
    ['this network', '0.1.2.3'],
    ['loopback', '127.0.0.1'],
    ['the rest of loopback', '127.255.255.254'],
    ['private, 10/8', '10.0.0.1'],
    ['private, 172.16/12', '172.16.0.1'],
    ['private, end of 172.16/12', '172.31.255.255'],
    ['private, 192.168/16', '192.168.1.1'],
    ['carrier-grade NAT', '100.64.0.1'],
    ['Alibaba metadata', '100.100.100.200'],
    ['link-local', '169.254.0.1'],
    ['metadata of Google, Amazon and others', '169.254.169.254'],
    ['Azure metadata', '168.63.129.16'],
    ['Oracle metadata', '192.0.0.192'],
    ['documentation 1', '192.0.2.1'],
    ['documentation 2', '198.51.100.7'],
    ['documentation 3', '203.0.113.9'],
    ['benchmarking', '198.18.0.1'],
    ['6to4 relay', '192.88.99.1'],
    ['multicast', '224.0.0.1'],
    ['reserved', '240.0.0.1'],
    ['broadcast', '255.255.255.255'],
    ['unspecified v6', '::'],
    ['loopback v6', '::1'],
    ['loopback, mapped', '::ffff:127.0.0.1'],
    ['loopback, mapped, in hex', '::ffff:7f00:1'],
    ['metadata, mapped', '::ffff:169.254.169.254'],
    ['loopback, compatible', '::127.0.0.1'],
    ['public, compatible', '::8.8.8.8'],
    ['loopback, translated', '::ffff:0:127.0.0.1'],
    ['loopback behind NAT64', '64:ff9b::7f00:1'],
    ['private behind NAT64', '64:ff9b::10.0.0.1'],
    ['metadata behind NAT64', '64:ff9b::169.254.169.254'],
    ['local-use NAT64', '64:ff9b:1::10.0.0.1'],
    ['loopback in 6to4', '2002:7f00:1::'],
    ['private in 6to4', '2002:a00:1::1'],
    ['private in Teredo', '2001:0:0a00:1::1'],
    ['Amazon metadata v6', 'fd00:ec2::254'],
    ['unique local', 'fc00::1'],
    ['link-local v6', 'fe80::1'],
    ['link-local v6 with a zone', 'fe80::1%eth0'],
    ['site-local', 'fec0::1'],
    ['multicast v6', 'ff02::1'],
    ['documentation v6', '2001:db8::1'],
    ['documentation v6, 3fff::/20', '3fff::1'],
    ['discard', '100::1'],
    ['segment routing', '5f00::1'],
    ['unallocated', '4000::1'],
    ['a short form valid only in URLs', '127.1'],
    ['a host name', 'localhost'],
    ['an empty string', ''],
  ])('%s (%s) is not public', (_, address) => {
    expect(isPublicAddress(address)).toBe(false)
  })
})

describe('a URL', () => {
  const reasonFor = (url: string, allow: string[] = []) => rejectionReason(new URL(url), allow)

  test.each([
    ['http://example.com/a.mp4'],
    ['https://example.com/a.mp4?sig=1'],
    ['https://example.com:8443/a.mp4'],
    ['http://93.184.215.14/a.mp4'],
    ['http://[2606:4700:4700::1111]/a.mp4'],
  ])('%s is accepted', (url) => {
    expect(reasonFor(url)).toBeUndefined()
  })

  test.each([
    ['http://127.0.0.1/'],
    ['http://127.1/'],
    ['http://0/'],
    ['http://0177.0.0.1/'],
    ['http://0177.0.0.01/'],
    ['http://0x7f.0.0.1/'],
    ['http://0x7f000001/'],
    ['http://2130706433/'],
    ['http://017700000001/'],
    ['http://127.0.0.1./'],
    ['http://１２７.０.０.１/'],
    ['http://①②⑦.0.0.1/'],
    ['http://%31%32%37.0.0.1/'],
    ['http://10.1/'],
    ['http://192.168.257/'],
    ['http://169.254.169.254/computeMetadata/v1/'],
    ['http://2852039166/latest/meta-data/'],
    ['http://0xa9fea9fe/'],
    ['http://[::1]/'],
    ['http://[::]/'],
    ['http://[::ffff:127.0.0.1]/'],
    ['http://[::ffff:7f00:1]/'],
    ['http://[::127.0.0.1]/'],
    ['http://[::7f00:1]/'],
    ['http://[64:ff9b::7f00:1]/'],
    ['http://[64:ff9b::169.254.169.254]/'],
    ['http://[2002:7f00:1::]/'],
    ['http://[2001:0:7f00:1::]/'],
    ['http://[fd00:ec2::254]/latest/meta-data/'],
    ['http://[fe80::1]/'],
  ])('%s is rejected: not a public address', (url) => {
    expect(reasonFor(url)).toBe('only public addresses are allowed')
  })

  test.each([
    ['file:///etc/passwd'],
    ['ftp://example.com/a.mp4'],
    ['data:text/plain,x'],
    ['gopher://example.com/'],
    ['concat:a|b'],
    ['rtmp://example.com/live'],
  ])('%s is rejected: unsupported scheme', (url) => {
    expect(reasonFor(url)).toBe('only http and https URLs are allowed')
  })

  test.each([
    ['http://me:secret@example.com/'],
    ['http://me@example.com/'],
    ['http://example.com:80@127.0.0.1/'],
  ])('%s is rejected: credentials', (url) => {
    expect(reasonFor(url)).toBe('the URL must not contain a user name or password')
  })

  test.each([['http://example.com:22/'], ['http://example.com:25/'], ['https://example.com:587/']])(
    '%s is rejected: port of another service',
    (url) => {
      expect(reasonFor(url)).toBe('only ports 80, 443 and 1024 or above are allowed')
    },
  )

  test.each([
    ['http://127.0.0.1:9000/a', '127.0.0.1:9000', true],
    ['http://127.0.0.1:9001/a', '127.0.0.1:9000', false],
    ['http://127.0.0.1:9001/a', '127.0.0.1', true],
    ['http://127.0.0.1/a', '127.0.0.1:80', true],
    ['https://127.0.0.1/a', '127.0.0.1:443', true],
    ['http://[::1]:9000/a', '[::1]:9000', true],
    ['http://127.0.0.1:25/a', '127.0.0.1:25', true],
    ['file:///etc/passwd', '', false],
  ])('%s with allowHosts %s is accepted: %s', (url, allowed, accepted) => {
    expect(reasonFor(url, [allowed]) === undefined).toBe(accepted)
  })
})
