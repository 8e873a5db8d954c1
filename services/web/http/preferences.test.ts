import { expect, test } from '@jest/globals'
import { appliedPreference } from './preferences.ts'

test.each([
  ['respond-async', true],
  ['return=minimal, Respond-Async; wait=10', true],
  [undefined, false],
  ['', false],
  ['respond-asynchronously', false],
  ['wait=10', false],
])('%j asks for an asynchronous reply: %s', (prefer, applied) => {
  expect(appliedPreference(prefer)).toEqual(applied ? { 'Preference-Applied': 'respond-async' } : {})
})
