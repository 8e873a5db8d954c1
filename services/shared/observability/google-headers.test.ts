import { expect, test } from '@jest/globals'
import { isGoogle } from './google-headers.ts'

test('only the Telemetry API of Google gets the identity of the service', () => {
  expect(isGoogle('https://telemetry.googleapis.com/v1/traces')).toBe(true)
  expect(isGoogle('https://telemetry.googleapis.com.example.org/v1/traces')).toBe(false)
  expect(isGoogle('http://localhost:4318/v1/traces')).toBe(false)
})
