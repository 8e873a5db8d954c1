import { describe, expect, test } from '@jest/globals'
import type { MediaInfo } from '#shared/contract/media-info.ts'
import { Recipe } from '#shared/contract/recipe.ts'
import { aMedium, anAudio, aVideo } from '../testing/fixtures.ts'
import { aPlanContext, argumentsOf } from '../testing/plans.ts'
import { planRender } from './plan.ts'

const upload = { upload_id: '00000000-0000-4000-8000-000000000000' }
const plan = (recipe: object, info = aMedium()) =>
  planRender(aPlanContext(Recipe.parse({ sources: [upload], ...recipe }), [info])).preferred
const encoders = (recipe: object, info?: MediaInfo) => {
  const [run] = plan(recipe, info).runs
  return (
    run &&
    argumentsOf(run)
      .join(' ')
      .match(/(?<=-c:[va] )\S+/g)
      ?.join(' ')
  )
}

describe('streams that already fit are copied', () => {
  test.each([
    ['H.264 and AAC into MP4', {}, aMedium(), 'copy copy'],
    ['H.264 and AAC into Matroska', { output: { format: 'mkv' } }, aMedium(), 'copy copy'],
    [
      'VP9 and Opus into WebM',
      { output: { format: 'webm' } },
      aMedium({ video: aVideo({ codec: 'vp9' }), audio: anAudio({ codec: 'opus' }) }),
      'copy copy',
    ],
    ['fitting video beside other audio', {}, aMedium({ audio: anAudio({ codec: 'opus' }) }), 'copy aac'],
    ['fitting video without audio', {}, aMedium({ audio: null }), 'copy aac'],
    ['video alone when muted', { audio: 'mute' }, aMedium(), 'copy'],
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
    ['when they are trimmed', { sources: [{ ...upload, trim: { duration: 3 } }] }, aMedium(), 'libx264 aac'],
    ['when they are framed', { frame: { width: 64 } }, aMedium(), 'libx264 aac'],
    [
      'when few players play them',
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
    ['when the audio has another codec', { output: { format: 'mp3' } }, aMedium(), 'libmp3lame'],
    ['when the audio is normalized', { audio: 'normalize' }, aMedium(), 'libx264 aac'],
  ])('%s', (_, recipe, info, result) => {
    expect(encoders(recipe, info)).toBe(result)
  })
})

test('a clip without audio gets silence beside its copied video', () => {
  const { runs, outputs } = plan({}, aMedium({ audio: null, duration: 2 }))
  expect(outputs[0]?.video).toBe('copy')
  expect(runs[0]?.graph).toMatch(/^anullsrc=.*atrim=end_sample=96000.*\[a0\]$/)
  expect(outputs[0]?.expected?.hasAudio).toBe(true)
})
