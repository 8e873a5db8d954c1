import { expect, test } from '@jest/globals'
import { describeAnyway, refusedCodecs } from './refused-codecs.ts'

test('the refused codecs are those that ffprobe names, each once', () => {
  const stderr = `[cinepak @ 0x1] Codec (cinepak) not on whitelist 'h264,aac'
[matroska,webm @ 0x2] Failed to open codec in avformat_find_stream_info
[wavpack @ 0x3] Codec (wavpack) not on whitelist 'h264,aac'
[wavpack @ 0x4] Codec (wavpack) not on whitelist 'h264,aac'
Could not open codec for input stream 1
`
  expect(refusedCodecs(stderr)).toEqual(['cinepak', 'wavpack'])
  expect(refusedCodecs('moov atom not found')).toEqual([])
})

test('decoders of refused codecs are opened, beside those that are allowed', () => {
  const options = describeAnyway(['wavpack', 'tta'])
  expect(options.filter((_, i) => i % 2 === 0)).toEqual([
    '-codec_whitelist:v',
    '-codec_whitelist:a',
    '-codec_whitelist:s',
  ])
  expect(options[3]).toMatch(/^h264,.*,wavpack,tta$/)
  expect(describeAnyway([])).toEqual([])
})
