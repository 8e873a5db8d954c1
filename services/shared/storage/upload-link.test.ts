import { describe, expect, test } from '@jest/globals'
import { signUploadLink, verifyUploadLink } from './upload-link.ts'

const secret = 'a secret of thirty-two characters'
const link = {
  key: 'uploads/7d/source.mp4',
  maxBytes: 1000,
  contentType: 'video/mp4',
  expiresAt: new Date('2030-01-01T00:00:00Z'),
}
const before = new Date('2029-12-31T23:59:59Z')

/** The parts of a signed link, as a route sees them. */
function parts(signed: string) {
  const url = new URL(signed, 'http://localhost')
  return { key: url.pathname.replace('/uploads/content/', ''), query: Object.fromEntries(url.searchParams) }
}

describe('an upload link', () => {
  test('survives signing and verifying', () => {
    const { key, query } = parts(signUploadLink(link, secret))
    expect(verifyUploadLink(key, query, secret, before)).toEqual(link)
  })

  test('contains its limits but not the secret', () => {
    const signed = signUploadLink(link, secret)
    expect(signed).toMatch(
      /^\/uploads\/content\/uploads\/7d\/source\.mp4\?expires=1893456000&max=1000&type=video%2Fmp4&signature=[\w-]{43}$/,
    )
  })

  test('expires on the second', () => {
    const { key, query } = parts(signUploadLink(link, secret))
    expect(() => verifyUploadLink(key, query, secret, link.expiresAt)).toThrow('has expired')
  })

  test.each([
    ['key', { key: 'uploads/7d/other.mp4' }],
    ['key with ..', { key: 'uploads/../source.mp4' }],
    ['expiry', { expires: '1993456000' }],
    ['size', { max: '1001' }],
    ['type', { type: 'text/html' }],
    ['signature', { signature: 'A'.repeat(43) }],
    ['signature of another length', { signature: 'AAAA' }],
    ['missing signature', { signature: undefined }],
    ['repeated field', { max: ['1000', '9999'] }],
  ])('with a changed %s is refused', (_, change) => {
    const { key, query } = parts(signUploadLink(link, secret))
    const given: Record<string, unknown> = { key, ...query, ...change }
    expect(() => verifyUploadLink(String(given.key), given, secret, before)).toThrow(
      expect.objectContaining({ code: 'upload.link_invalid' }),
    )
  })

  test('signed with another secret is refused', () => {
    const { key, query } = parts(signUploadLink(link, 'another secret of many characters'))
    expect(() => verifyUploadLink(key, query, secret, before)).toThrow('has an invalid signature')
  })
})
