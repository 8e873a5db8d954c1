import { describe, expect, test } from '@jest/globals'
import { CATALOGUE } from '#shared/error-catalogue.ts'
import { errorName } from '../ui/error-text.ts'
import { en } from './en.ts'
import { es } from './es.ts'

/** Codes that the page never shows, and why. */
const NOT_SHOWN = [
  // It sends no such requests.
  'request.malformed',
  'request.unsupported_type',
  'request.headers_too_large',
  'request.range_not_satisfiable',
  'request.expectation_failed',
  'route.method_not_allowed',
  'idempotency.mismatch',
  'webhook.too_many',
  'notify.unverified',
  'notify.refused',
  'notify.rejected',
  'notify.failed',
  // A session that has ended leads to the log-in view, and no API key is used.
  'auth.required',
  'auth.refresh_invalid',
  'auth.refresh_reused',
  'auth.refresh_replaced',
  'auth.scope_missing',
  'auth.session_required',
  // For services and operators.
  'auth.forbidden',
  'storage.exists',
  'database.schema',
]

const codes = Object.keys(CATALOGUE)

test.each(codes.filter((code) => !NOT_SHOWN.includes(code)))('%s has a text that says what to do', (code) => {
  const name = errorName(code)
  expect(name).toBeDefined()
  // What happened, and what to do.
  if (name) for (const texts of [en, es]) expect(texts[name].split(/[.;:]\s/).length).toBeGreaterThan(1)
})

test('every code that is not shown is one', () => {
  expect(NOT_SHOWN.filter((code) => !codes.includes(code))).toEqual([])
})

describe('the texts', () => {
  test('have the same parameters in every language', () => {
    const parameters = (text: string) => [...text.matchAll(/\{\w+\}/g)].map(([name]) => name).sort()
    for (const [name, text] of Object.entries(en)) {
      expect([name, parameters(es[name as keyof typeof en])]).toEqual([name, parameters(text)])
    }
  })

  test('have names that mean nothing else: the build replaces them', () => {
    expect(Object.keys(en).filter((name) => codes.includes(name))).toEqual([])
  })
})
