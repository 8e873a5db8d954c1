import { expect, test } from '@jest/globals'
import { createRedirectCookies } from './redirect-cookies.ts'

const url = (address: string) => new URL(address)

test('cookies go back to the origin that set them, and to no other', () => {
  const cookies = createRedirectCookies()
  cookies.store(url('https://a.example/film'), ['one=1; Path=/; HttpOnly', 'two="2"'])
  expect(cookies.header(url('https://a.example/other'))).toBe('one=1; two="2"')
  for (const other of [
    'http://a.example/film',
    'https://b.a.example/',
    'https://a.example:8443/',
    'https://b.example/',
  ]) {
    expect(cookies.header(url(other))).toBeUndefined()
  }
})

test('a later value replaces an earlier one', () => {
  const cookies = createRedirectCookies()
  cookies.store(url('https://a.example/'), 'step=1')
  cookies.store(url('https://a.example/'), 'step=2')
  expect(cookies.header(url('https://a.example/'))).toBe('step=2')
})

test('what cannot be a header, and more than a host may reasonably set, is dropped', () => {
  const cookies = createRedirectCookies()
  const many = Array.from({ length: 30 }, (_, i) => `c${i}=x`)
  cookies.store(url('https://a.example/'), [
    'no pair',
    'a=b c',
    `long=${'x'.repeat(5000)}`,
    'x=\r\ny: z',
    ...many,
  ])
  expect(cookies.header(url('https://a.example/'))?.split('; ')).toEqual(many.slice(0, 20))
})
