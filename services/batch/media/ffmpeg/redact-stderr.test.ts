import { describe, expect, test } from '@jest/globals'
import { redactStderr } from './redact-stderr.ts'

describe('redactStderr', () => {
  test.each([
    ['file:/srv/scratch/a b.mp4: Invalid data', '<file> b.mp4: Invalid data'],
    ['/tmp/job-1/out.mp4: No space left on device', '<file>: No space left on device'],
    ['Error opening output file /tmp/job-1/out.mp4.', 'Error opening output file <file>'],
    ['Error opening input file file:/srv/a.mp4.', 'Error opening input file <file>'],
    ['http://127.0.0.1:4123/s/TOKEN?x=1: 404', '<address> 404'],
    ['[mov,mp4 @ 0x55d0c0a0] moov atom not found', '[mov,mp4] moov atom not found'],
    ['key 0123456789abcdef0123456789abcdef end', 'key <hidden> end'],
    ["[cinepak @ 0x1] Codec (cinepak) not on whitelist 'h264,aac'", ''],
    ['bell\u0007 and \u001b[31mred', 'bell and [31mred'],
    ['Frame 1920x1080, 1/24 of a second', 'Frame 1920x1080, 1/24 of a second'],
  ])('%j becomes %j', (line, redacted) => {
    expect(redactStderr([line])).toBe(redacted)
  })

  test('keeps the end of a long log', () => {
    const redacted = redactStderr([...Array(200).keys()].map((i) => `message ${i}`))
    expect(redacted.length).toBeLessThanOrEqual(600)
    expect(redacted.endsWith('message 199')).toBe(true)
  })
})
