import { expect, test } from '@jest/globals'
import { urlsIn } from './urls.ts'

test('several links, on lines or with spaces between, each once', () => {
  expect(urlsIn('https://a.example/1.mp4\nhttps://a.example/2.mp4  https://a.example/1.mp4\n')).toEqual([
    'https://a.example/1.mp4',
    'https://a.example/2.mp4',
  ])
})

test.each(['', '   ', 'holiday.mp4', 'ftp://a.example/x', 'https://', 'https://a.example/1.mp4 and more'])(
  '%j is not only links',
  (text) => {
    expect(urlsIn(text)).toBeUndefined()
  },
)
