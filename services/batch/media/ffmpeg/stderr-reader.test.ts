import { expect, test } from '@jest/globals'
import { createStderrReader } from './stderr-reader.ts'

function read(...lines: string[]) {
  const shares: number[] = []
  const reader = createStderrReader(4, (share) => shares.push(share))
  for (const line of lines) reader.read(line)
  return { shares, ...reader.result() }
}

test('reports a rising share of the run, up to 1', () => {
  const { shares, lines } = read(
    'out_time_us=N/A',
    'out_time_us=-20000',
    'out_time_us=1000000',
    'out_time=00:00:03.000000',
    'out_time_us=500000',
    'out_time_us=2000000',
    'progress=continue',
    'out_time_us=5000000',
  )
  expect(shares).toEqual([0.25, 0.5, 1])
  expect(lines).toEqual([])
})

test('counts the frames that ffmpeg duplicated', () => {
  expect(read('dup_frames=0', 'dup_frames=3', 'drop_frames=7').duplicatedFrames).toBe(3)
})

test('keeps the last 40 messages, and no progress or empty lines', () => {
  const messages = [...Array(50).keys()].map((i) => `message ${i}`)
  expect(read('speed= 1.2x', ...messages, '  ').lines).toEqual(messages.slice(-40))
})
