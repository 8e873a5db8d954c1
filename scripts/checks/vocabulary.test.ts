import { expect, test } from '@jest/globals'
import { hitsIn, toLine } from './vocabulary.ts'

const words = (path: string, text: string) => hitsIn(path, text).map(({ word }) => word)

test('a hit names file, line, word and the preferred term', () => {
  expect(hitsIn('services/a.ts', 'const a = 1\nconst litter = 2').map(toLine)).toEqual([
    'services/a.ts:2: litter → orphaned objects',
  ])
})

test.each([
  ['a word of a camel-case name', 'const orphanLitter = 1', 'orphanLitter'],
  ['a word of a snake-case name', 'const ring_at = 1', 'ring_at'],
  ['a word of a constant', 'const PATIENCE_MS = 1', 'PATIENCE_MS'],
  ['a verb with its object', 'demandUploads()', 'demandUploads'],
  ['a serialiser', 'describeTask(task)', 'describeTask'],
  ['an identifier', 'const place = 1', 'place'],
  ['a word in a comment', '// the picture is scaled', 'picture'],
  ['a word in a string', "throw new Error('nothing was said')", 'said'],
  ['a name that a comment quotes', '// see anyPlace', 'anyPlace'],
  ['a phrase', '/** Runs on one computer. */', 'one computer'],
  ['a word of one metaphor', "log.info('word of the end')", 'word of the end'],
])('%s is found', (_what, text, word) => {
  expect(words('services/a.ts', text)).toEqual([word])
})

test.each([
  ['prose about places', '// in place of the file; it takes place\nconst replaced = 1'],
  ['prose about looking', '// look at the log'],
  ['longer words', 'const during = string.offering'],
  ["ffmpeg's names", "const demuxer = 'png_pipe' // attached_pic; Picture size 0x0 is invalid"],
  ['jest', "describe('a task', () => {})"],
  ['bit rates', 'const bitRate = bits'],
])('%s is not found', (_what, text) => {
  expect(words('services/a.ts', text)).toEqual([])
})

test('documents are prose, and what they quote is code', () => {
  expect(words('docs/a.md', 'In the first place: `uploadPlace` and a sound.')).toEqual([
    'uploadPlace',
    'sound',
  ])
})
