import { expect, test } from '@jest/globals'
import { progressLine } from './progress-line.ts'

const running = { label: 'interview.mp4', status: 'running', percent: 50, note: ', 0:12 left' }

test.each([
  [80, 'interview.mp4  running   [##########----------]  50 %, 0:12 left'],
  [60, 'interview.mp4  running   [##########----------]  50 %'],
  [48, 'interview.mp4  running   [#####-----]  50 %'],
  [32, 'interview.mp4  running    50 %'],
  [24, 'interv…  running    50 %'],
  [16, 'running    50 %'],
  [1, '…'],
])('in %d columns, the bar and the name are shortened before the percentage', (width, line) => {
  expect(progressLine(running, width)).toBe(line)
})

test('a stream, whose size is unknown, has no bar', () => {
  expect(progressLine({ label: 'stdin', status: 'upload', note: ' 3.2 MB' }, 80)).toBe('stdin  upload 3.2 MB')
})

test('wide characters take two columns, and none is cut in half', () => {
  const label = '休日の映像🎬.mp4'
  expect(progressLine({ label, status: 'queued', percent: 0 }, 80)).toContain(label)
  expect(progressLine({ label, status: 'queued', percent: 0 }, 30)).toBe('休日の映像🎬…  queued      0 %')
})
