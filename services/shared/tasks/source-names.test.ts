import { expect, test } from '@jest/globals'
import { nameOfUrl } from './source-names.ts'

test.each([
  ['https://example.com/a/holiday%201.mp4?x=1#t', 'holiday 1.mp4'],
  ['https://example.com/a/clip/', 'clip'],
  ['https://example.com', 'example.com'],
  ['https://example.com/100%25%', '100%25%'],
  ['https://example.com/a%00b', 'ab'],
  ['https://example.com/Cafe%CC%81.mp4', 'Caf\u00e9.mp4'],
  [`https://example.com/${'x'.repeat(119)}%F0%9F%98%80`, `${'x'.repeat(119)}\ufffd`],
])('%s is called %s', (url, name) => expect(nameOfUrl(url)).toBe(name))
