import { expect, test } from '@jest/globals'
import { baseImages, standInFor, suiteOf } from './base-images.ts'

test('the images that a Dockerfile is built from are those that are not its own stages', () => {
  const text = 'FROM node:24-trixie-slim AS build\nRUN x\nFROM debian:13-slim AS base\nFROM base\n'
  expect(baseImages(text)).toEqual(['node:24-trixie-slim', 'debian:13-slim'])
})

test('a stand-in is built from the packages of the same suite', () => {
  expect(suiteOf('node:24.21.0-trixie-slim')).toBe('trixie')
  expect(suiteOf('debian:13-slim')).toBe('trixie')
  expect(suiteOf('debian:13-slim@sha256:12c0')).toBe('trixie')
  expect(suiteOf('debian:12.9-slim')).toBe('bookworm')
  expect(() => suiteOf('alpine:3')).toThrow('There is no stand-in for alpine:3.')
})

test('the name of a stand-in has no digest, which it could not have', () => {
  expect(standInFor('debian:13-slim@sha256:12c0')).toBe('localhost/stand-in/debian:13-slim')
})
