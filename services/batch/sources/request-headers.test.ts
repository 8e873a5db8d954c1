import { describe, expect, test } from '@jest/globals'
import { createRequestHeaders, ownHeaders } from './request-headers.ts'

const url = (address: string) => new URL(address)

describe('cookies', () => {
  test('go back to the origin that set them, and to no other', () => {
    const headers = createRequestHeaders({})
    headers.storeCookies(url('https://a.example/film'), ['one=1; Path=/; HttpOnly', 'two="2"'])
    expect(headers.to(url('https://a.example/other')).cookie).toBe('one=1; two="2"')
    for (const other of [
      'http://a.example/film',
      'https://b.a.example/',
      'https://a.example:8443/',
      'https://b.example/',
    ]) {
      expect(headers.to(url(other))).not.toHaveProperty('cookie')
    }
  })

  test('with a later value replace earlier ones', () => {
    const headers = createRequestHeaders({})
    headers.storeCookies(url('https://a.example/'), 'step=1')
    headers.storeCookies(url('https://a.example/'), 'step=2')
    expect(headers.to(url('https://a.example/')).cookie).toBe('step=2')
  })

  test('that cannot be a header, and more than a host may reasonably set, are dropped', () => {
    const headers = createRequestHeaders({})
    const many = Array.from({ length: 30 }, (_, i) => `c${i}=x`)
    headers.storeCookies(url('https://a.example/'), [
      'no pair',
      'a=b c',
      `long=${'x'.repeat(5000)}`,
      'x=\r\ny: z',
      ...many,
    ])
    expect(headers.to(url('https://a.example/')).cookie?.split('; ')).toEqual(many.slice(0, 20))
  })

  test("of the host are added to the user's own, and replace those of the same name", () => {
    const own = ownHeaders('https://a.example/film', { Cookie: 'session=s3cret; step=0' })
    const headers = createRequestHeaders({ own })
    expect(headers.to(url('https://a.example/film')).cookie).toBe('session=s3cret; step=0')
    headers.storeCookies(url('https://a.example/film'), 'step=1')
    expect(headers.to(url('https://a.example/film')).cookie).toBe('session=s3cret; step=1')
  })
})

describe("the user's own headers", () => {
  const own = ownHeaders('https://a.example/film', {
    Authorization: 'Bearer s3cret',
    ACCEPT: 'video/mp4',
    'User-Agent': 'Player',
  })
  const headers = createRequestHeaders({ own, range: { start: 0, end: 9 }, ifRange: '"v1"' })

  test('replace those of the reader', () => {
    expect(headers.to(url('https://a.example:443/other'))).toEqual({
      accept: 'video/mp4',
      'accept-encoding': 'identity',
      authorization: 'Bearer s3cret',
      'if-range': '"v1"',
      range: 'bytes=0-9',
      'user-agent': 'Player',
    })
  })

  test.each([
    'http://a.example/film',
    'https://a.example:8443/film',
    'https://b.a.example/film',
    'https://a.example.b.example/film',
    'https://b.example/film',
  ])('do not go to %s', (other) => {
    expect(headers.to(url(other))).toEqual({
      accept: '*/*',
      'accept-encoding': 'identity',
      'if-range': '"v1"',
      range: 'bytes=0-9',
      'user-agent': 'Cutroom',
    })
  })
})
