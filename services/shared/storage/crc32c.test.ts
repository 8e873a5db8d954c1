import { expect, test } from '@jest/globals'
import { createCrc32c } from './crc32c.ts'
import { pattern } from './testing/contract-kit.ts'

function checksum(...chunks: Uint8Array[]): string {
  const crc = createCrc32c()
  for (const chunk of chunks) crc.update(chunk)
  return Buffer.from(crc.digest(), 'base64').toString('hex')
}

// From RFC 3720, appendix B.4, and the check value in the Catalogue of Parametrised CRC Algorithms.
test.each([
  ['123456789', Buffer.from('123456789'), 'e3069283'],
  ['nothing', Buffer.alloc(0), '00000000'],
  ['32 zeros', Buffer.alloc(32), '8a9136aa'],
  ['32 ones', Buffer.alloc(32, 0xff), '62a8ab43'],
  ['0 to 31', Buffer.from(Array.from({ length: 32 }, (_, i) => i)), '46dd794e'],
])('the checksum of %s matches the published value', (_, bytes, expected) => {
  expect(checksum(bytes)).toBe(expected)
})

test('the checksum does not depend on how the bytes are split', () => {
  const bytes = pattern(1000)
  const whole = checksum(bytes)
  for (const cut of [1, 7, 8, 9, 499, 999]) {
    expect(checksum(bytes.subarray(0, cut), bytes.subarray(cut))).toBe(whole)
  }
})
