import { expect, test } from '@jest/globals'
import { previewType } from './content-type.ts'

test.each([
  ['a.mov', 'video/mp4', 'video/mp4'],
  ['a.MP4', 'application/octet-stream', 'video/mp4'],
  ['a.png', 'image/png', 'image/png'],
  ['a.html', 'text/html', 'application/octet-stream'],
  ['a.mp4', 'text/html', 'video/mp4'],
  ['a.svg', 'image/svg+xml', 'application/octet-stream'],
  ['constructor', 'application/octet-stream', 'application/octet-stream'],
  ['a.constructor', 'application/octet-stream', 'application/octet-stream'],
])('%s announced as %s is shown as %s', (filename, contentType, expected) => {
  expect(previewType({ filename, contentType })).toBe(expected)
})
