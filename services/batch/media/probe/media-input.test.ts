import { expect, test } from '@jest/globals'
import { someLimits } from '../testing/fixtures.ts'
import { fileInput, guardImage, guardSource, guardUnknown } from './media-input.ts'

const input = fileInput('/scratch/source')
const REFUSAL = '-enable_drefs 0 -use_absolute_path 0'

test('data references of QuickTime and MP4 are switched off, whatever the default of ffmpeg is', () => {
  expect(guardSource(input, someLimits, 'mov,mp4,m4a,3gp,3g2,mj2').join(' ')).toContain(REFUSAL)
  expect(guardUnknown(input, someLimits).join(' ')).toContain(REFUSAL)
})

test('other demuxers, which do not know these options, are not given them', () => {
  expect(guardSource(input, someLimits, 'matroska,webm').join(' ')).not.toContain('drefs')
  expect(guardImage(input, someLimits).join(' ')).not.toContain('drefs')
})
