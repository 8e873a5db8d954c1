import { expect, test } from '@jest/globals'
import { tableOf } from './outcome.ts'

test('the table shows what each distribution brings, how long it took, and what failed', () => {
  const outcomes = [
    {
      name: 'trixie',
      node: '20.19.2',
      ffmpeg: '7.1.5',
      seconds: { build: 140, start: 82.4, reel: 9, test: 600 },
    },
    { name: 'testing', node: '22.1.0', ffmpeg: '–', seconds: { build: 150 }, failure: 'start' },
  ]
  expect(tableOf(outcomes).split('\n')).toEqual([
    '|  | Node | ffmpeg | build (s) | start (s) | reel (s) | test (s) | result |',
    '| --- | --- | --- | --- | --- | --- | --- | --- |',
    '| trixie | 20.19.2 | 7.1.5 | 140 | 82 | 9 | 600 | passed |',
    '| testing | 22.1.0 | – | 150 | – | – | – | FAILED: start |',
  ])
})
