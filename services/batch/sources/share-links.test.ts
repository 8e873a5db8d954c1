import { describe, expect, test } from '@jest/globals'
import { directLink, pageAdvice } from './share-links.ts'

const drive = (query: string) => `https://drive.usercontent.google.com/download?${query}`
const DIRECT = drive('id=1AbC_d-9&export=download&confirm=t')

describe('directLink', () => {
  test.each([
    ['https://drive.google.com/file/d/1AbC_d-9/view?usp=sharing', DIRECT],
    ['https://drive.google.com/file/d/1AbC_d-9', DIRECT],
    ['https://drive.google.com/file/u/1/d/1AbC_d-9/preview', DIRECT],
    ['https://drive.google.com/a/example.com/file/d/1AbC_d-9/edit', DIRECT],
    ['https://drive.google.com/open?id=1AbC_d-9', DIRECT],
    ['https://drive.google.com/uc?export=download&id=1AbC_d-9', DIRECT],
    ['https://docs.google.com/uc?id=1AbC_d-9', DIRECT],
    [
      'https://drive.google.com/file/d/1AbC_d-9/view?resourcekey=0-xYz',
      drive('id=1AbC_d-9&export=download&confirm=t&resourcekey=0-xYz'),
    ],
    ['https://drive.usercontent.google.com/download?id=1AbC_d-9', DIRECT],
    ['https://www.dropbox.com/s/abc123/film.mp4?dl=0', 'https://www.dropbox.com/s/abc123/film.mp4?dl=1'],
    ['http://dropbox.com/s/abc123/film%20one.mp4', 'https://www.dropbox.com/s/abc123/film%20one.mp4?dl=1'],
    [
      'https://www.dropbox.com/scl/fi/abc/film.mp4?rlkey=k1&st=s2&raw=1',
      'https://www.dropbox.com/scl/fi/abc/film.mp4?rlkey=k1&st=s2&dl=1',
    ],
  ])('%s leads to the file', (link, direct) => {
    expect(directLink(link)).toBe(direct)
    expect(directLink(direct)).toBe(direct)
  })

  test.each([
    ['https://example.com/film.mp4?dl=0'],
    ['https://drive.google.com/drive/folders/1AbC'],
    ['https://docs.google.com/document/d/1AbC/edit'],
    ['https://www.dropbox.com/scl/fo/abc/folder?rlkey=k1&dl=0'],
    ['https://www.dropbox.com/home'],
    ['https://drive.google.com.example.com/file/d/1AbC/view'],
    ['https://drive.google.com:8443/file/d/1AbC/view'],
    ['https://me@drive.google.com/file/d/1AbC/view'],
    ['ftp://drive.google.com/file/d/1AbC/view'],
    ['not a URL'],
  ])('%s stays as it is', (link) => {
    expect(directLink(link)).toBe(link)
  })
})

test.each([
  ['https://www.dropbox.com/home', 'dl=1'],
  ['https://drive.google.com/drive/folders/1', 'anyone with the link'],
  ['https://example.com/watch?v=1', 'direct download link'],
])('a page at %s gets its own advice', (link, words) => {
  expect(pageAdvice(link)).toContain(words)
})
