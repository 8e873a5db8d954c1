import { describe, expect, test } from '@jest/globals'
import { Recipe } from '#shared/contract/recipe.ts'
import { aMedium, anAudio, aVideo, someLimits } from '../testing/fixtures.ts'
import { planRender } from './plan.ts'

const input = { url: 'file:0', inputOptions: ['-protocol_whitelist', 'file'] }
const options = { threads: 0, outputDir: '/out', limits: someLimits, copy: true }
const upload = { upload_id: '00000000-0000-4000-8000-000000000000' }
const plan = (recipe: object, info = aMedium()) =>
  planRender(
    Recipe.parse({ sources: [upload], ...recipe }),
    [{ input, info }],
    { logo: input, images: {} },
    options,
  )
const encoders = (recipe: object, info?: ReturnType<typeof aMedium>) =>
  plan(recipe, info)
    .runs[0]?.args.join(' ')
    .match(/(?<=-c:[va] )\S+/g)
    ?.join(' ')

describe('streams that already fit are taken as they are', () => {
  test.each([
    ['H.264 and AAC into MP4', {}, aMedium(), 'copy copy'],
    ['H.264 and AAC into Matroska', { output: { format: 'mkv' } }, aMedium(), 'copy copy'],
    [
      'VP9 and Opus into WebM',
      { output: { format: 'webm' } },
      aMedium({ video: aVideo({ codec: 'vp9' }), audio: anAudio({ codec: 'opus' }) }),
      'copy copy',
    ],
    ['a fitting picture beside other sound', {}, aMedium({ audio: anAudio({ codec: 'opus' }) }), 'copy aac'],
    ['a fitting picture without sound', {}, aMedium({ audio: null }), 'copy aac'],
    ['the picture alone when muted', { audio: 'mute' }, aMedium(), 'copy'],
    ['AAC into M4A', { output: { format: 'm4a' } }, aMedium(), 'copy'],
    ['MP3 into MP3', { output: { format: 'mp3' } }, aMedium({ audio: anAudio({ codec: 'mp3' }) }), 'copy'],
  ])('%s', (_, recipe, info, result) => {
    expect(encoders(recipe, info)).toBe(result)
  })
})

describe('streams are encoded', () => {
  test.each([
    ['when a quality is asked for', { output: { quality: 'high' } }, aMedium(), 'libx264 aac'],
    ['when another codec is asked for', { output: { codec: 'hevc' } }, aMedium(), 'libx265 aac'],
    [
      'when only a stretch is wanted',
      { sources: [{ ...upload, trim: { duration: 3 } }] },
      aMedium(),
      'libx264 aac',
    ],
    ['when they are framed', { frame: { width: 64 } }, aMedium(), 'libx264 aac'],
    [
      'when few players take them',
      {},
      aMedium({ video: aVideo({ pixel_format: 'yuv422p10le' }) }),
      'libx264 aac',
    ],
    [
      'when the container would lose a rotation',
      { output: { format: 'mkv' } },
      aMedium({ video: aVideo({ rotation: 90 }) }),
      'libx264 aac',
    ],
    ['when the sound has another codec', { output: { format: 'mp3' } }, aMedium(), 'libmp3lame'],
    ['when the sound is to be louder or softer', { audio: 'normalize' }, aMedium(), 'libx264 aac'],
  ])('%s', (_, recipe, info, result) => {
    expect(encoders(recipe, info)).toBe(result)
  })
})

test('a silent clip gets its silence beside the copied picture', () => {
  const { runs, outputs, copies } = plan({}, aMedium({ audio: null, duration: 2 }))
  expect(copies).toBe(true)
  expect(runs[0]?.graph).toMatch(/^anullsrc=.*atrim=end_sample=96000.*\[a\]$/)
  expect(outputs[0]?.expected?.hasAudio).toBe(true)
})
