import { describe, expect, test } from '@jest/globals'
import { applyPreset, listPresets, PresetList, PresetName } from './presets.ts'
import { assetUploads, outputsOf, Recipe } from './recipe.ts'

const id = '00000000-0000-4000-8000-000000000000'
const other = '00000000-0000-4000-8000-000000000001'
const sources = [{ upload_id: id }]
const issues = (more: object) =>
  Recipe.safeParse({ sources, ...more }).error?.issues.map(({ path }) => path.join('.')) ?? []

describe('a recipe', () => {
  test('with nothing but a source renders an MP4 and keeps the audio', () => {
    const recipe = Recipe.parse({ sources })
    expect(outputsOf(recipe)).toEqual([{ format: 'mp4' }])
    expect(recipe.audio).toBe('keep')
  })

  test.each([
    ['output and outputs', { output: {}, outputs: [{}] }, 'outputs'],
    ['an unknown field', { outptu: {} }, ''],
    ['no source', { sources: [] }, 'sources'],
    [
      'a source with two origins',
      { sources: [{ upload_id: id, url: 'https://example.com/a' }] },
      'sources.0.url',
    ],
    ['a file URL', { sources: [{ url: 'file:///etc/passwd' }] }, 'sources.0.url'],
    [
      'a trim of no duration',
      { sources: [{ upload_id: id, trim: { duration: 0 } }] },
      'sources.0.trim.duration',
    ],
    ['a frame without a size', { frame: { fit: 'crop' } }, 'frame.width'],
    ['a frame with an odd side', { frame: { width: 641, height: 360 } }, 'frame.width'],
    [
      'a frame with two sides and an aspect',
      { frame: { width: 64, height: 36, aspect: '16:9' } },
      'frame.aspect',
    ],
    [
      'a blurred background without bars',
      { frame: { aspect: '1:1', fit: 'crop', background: 'blur' } },
      'frame.background',
    ],
    ['a position without a crop', { frame: { aspect: '1:1', position: { x: 0 } } }, 'frame.position'],
    [
      'a position outside of the video',
      { frame: { aspect: '1:1', fit: 'crop', position: { x: 1.1 } } },
      'frame.position.x',
    ],
    [
      'a bumper with both an image and a clip',
      { bumper: { intro: { image: { upload_id: id }, clip: { upload_id: id } } } },
      'bumper.intro.clip',
    ],
    [
      'parts with a bumper clip',
      { split: { every: 5 }, bumper: { outro: { clip: { upload_id: id } } } },
      'bumper.outro.clip',
    ],
    ['VP9 in MP4', { output: { codec: 'vp9' } }, 'output.codec'],
    ['a codec in MP3', { output: { format: 'mp3', codec: 'h264' } }, 'output.codec'],
    ['a crf outside the scale of the codec', { output: { crf: 52 } }, 'output.crf'],
    ['crf and bitrate', { output: { crf: 20, bitrate: 900 } }, 'output.bitrate'],
    ['quality and crf', { output: { crf: 20, quality: 'high' } }, 'output.quality'],
    ['an MP3 with a width', { output: { format: 'mp3', width: 64 } }, 'output.width'],
    ['a muted MP3', { audio: 'mute', output: { format: 'mp3' } }, 'output.format'],
    ['a GIF with audio', { output: { format: 'gif', audio_bitrate: 96 } }, 'output.audio_bitrate'],
    ['Opus at 44.1 kHz', { output: { format: 'ogg', sample_rate: 44_100 } }, 'output.sample_rate'],
    ['a frame for audio', { frame: { width: 64 }, output: { format: 'mp3' } }, 'frame'],
    ['parts and two outputs', { split: { every: 5 }, outputs: [{}, { format: 'webm' }] }, 'split'],
    [
      'two outputs with the same name',
      { outputs: [{}, { format: 'webm' }, { width: 64 }] },
      'outputs.2.name',
    ],
    ['a path as a name', { output: { name: '../up' } }, 'output.name'],
  ])('with %s is rejected, naming the field', (_, more, path) => {
    expect(issues(more)).toEqual([path])
  })

  test('accepts options that are compatible', () => {
    const more = {
      frame: { width: 640, height: 360, background: 'blur' },
      bumper: { intro: { image: { upload_id: id } }, outro: { clip: { upload_id: other } } },
      watermark: { image: { upload_id: id } },
      audio: 'normalize',
      outputs: [
        {},
        { format: 'webm', codec: 'av1' },
        { format: 'mp3', audio_bitrate: 192 },
        { name: 'small', width: 320 },
      ],
      thumbnails: { poster: { at: 1 }, stills: { count: 4 }, sprite: {} },
    }
    expect(issues(more)).toEqual([])
    expect(assetUploads(Recipe.parse({ sources, ...more }))).toEqual({ images: [id], clips: [other] })
  })

  test('survives a round trip through JSON', () => {
    const recipe = applyPreset('reel', sources)
    expect(Recipe.parse(JSON.parse(JSON.stringify(recipe)))).toEqual(recipe)
  })
})

describe('presets', () => {
  test.each(PresetName.options)('%s is a complete recipe', (name) => {
    expect(applyPreset(name, sources).sources).toHaveLength(1)
  })

  test("a source's own trim overrides the preset's", () => {
    const [first, second] = applyPreset('reel', [
      { ...sources[0], trim: { start: 3, duration: 2 } },
      { upload_id: other },
    ]).sources
    expect(first?.trim).toEqual({ start: 3, duration: 2, at_most: false })
    expect(second?.trim).toEqual({ start: 0, duration: 18, at_most: true })
  })

  test('are listed as the contract says', () => {
    expect(PresetList.parse(listPresets())).toEqual(listPresets())
  })
})
