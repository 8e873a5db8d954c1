import { describe, expect, test } from '@jest/globals'
import { applyPreset } from '#shared/contract/presets.ts'
import { Recipe } from '#shared/contract/recipe.ts'
import { aMedium, aVideo, someLimits } from '../testing/fixtures.ts'
import { planRender } from './plan.ts'
import { cutLengths } from './timeline.ts'

const input = (name: string) => ({ url: `file:${name}`, inputOptions: ['-protocol_whitelist', 'file'] })
const assets = { logo: input('logo.png'), images: {} }
const options = { threads: 0, outputDir: '/out', limits: someLimits }
const upload = { upload_id: '00000000-0000-4000-8000-000000000000' }
const plan = (recipe: Recipe, info = aMedium({ duration: 50, video: aVideo({ duration: 50 }) })) =>
  planRender(recipe, [{ input: input('0.mp4'), info }], assets, options)

describe('cutLengths', () => {
  test.each([
    [1200, 480, [480, 480, 240]],
    [960, 480, [480, 480]],
    [100, 480, [100]],
    [100, undefined, [100]],
  ])('%d ticks in parts of %s', (length, part, lengths) => {
    expect(cutLengths(length, part)).toEqual(lengths)
  })
})

describe('parts', () => {
  const { runs, outputs } = plan(applyPreset('parts', [upload]))

  test('are named and numbered in order, and the last may be short', () => {
    expect(outputs.map(({ name, expected }) => [name, expected?.seconds])).toEqual([
      ['part-001.mp4', 22],
      ['part-002.mp4', 22],
      ['part-003.mp4', 12],
    ])
  })

  test('are decoded and encoded by one run, which opens the source once', () => {
    const [encode, mux] = runs
    expect(runs).toHaveLength(2)
    expect(encode?.inputs.map(({ source }) => source)).toEqual(['file:0.mp4', 'file:logo.png'])
    expect(encode?.graph).toContain(
      '[v0]split=3[vs0][vs1][vs2];' +
        '[vs0]trim=start_frame=0:end_frame=480,setpts=PTS-STARTPTS[vk0];' +
        '[vs1]trim=start_frame=480:end_frame=960,setpts=PTS-STARTPTS[vk1];' +
        '[vs2]trim=start_frame=960:end_frame=1200,setpts=PTS-STARTPTS[vk2]',
    )
    expect(encode?.args.join(' ')).toContain(
      '-force_key_frames 22,44 -f segment -segment_format mp4 -segment_start_number 1 ' +
        '-segment_frames 528,1056 -reset_timestamps 1 /out/.picture-%03d',
    )
    expect(mux?.args.join(' ')).not.toMatch(/libx264|filter_complex/)
    expect(mux?.args.join(' ')).toContain(
      '-protocol_whitelist file -i file:/out/.picture-002 -protocol_whitelist file -ss 22 -t 22 -i file:/out/.sound',
    )
    expect(mux?.args.join(' ')).toContain('-map 2 -map 3 -c copy')
  })

  test('without bumpers need no cutting in the graph', () => {
    expect(plan(Recipe.parse({ sources: [upload], split: { every: 20 } })).runs[0]?.graph).not.toContain(
      'split',
    )
  })

  test('are scaled down to the width of their output', () => {
    const small = Recipe.parse({ sources: [upload], split: { every: 20 }, output: { width: 640 } })
    const { runs, outputs } = plan(small)
    expect(runs[0]?.graph).toMatch(/\[v0\]scale=640:360,setsar=1\[vo\]$/)
    expect(runs[0]?.args.join(' ')).toContain('-map [vo]')
    expect(outputs[0]?.expected).toMatchObject({ width: 640, height: 360 })
  })

  test.each([
    ['mp3', '-c:a libmp3lame -b:a 192k'],
    ['wav', '-c:a pcm_s16le'],
  ] as const)('of %s are encoded one by one from sound without loss', (format, encoder) => {
    const [whole, each] = plan(
      Recipe.parse({ sources: [upload], split: { every: 20 }, output: { format } }),
    ).runs
    expect(whole?.args.join(' ')).toContain('-c:a pcm_s16le -f w64 /out/.sound')
    expect(each?.args.join(' ')).toContain(`-map 1 ${encoder} `)
    expect(each?.args.join(' ')).not.toContain('copy')
  })

  test('in their hundreds are put together fifty at a time', () => {
    const long = aMedium({ duration: 2400 })
    expect(plan(Recipe.parse({ sources: [upload], split: { every: 20 } }), long).runs).toHaveLength(4)
  })

  test('in their thousands are refused', () => {
    const long = aMedium({ duration: 2400 })
    expect(() => plan(Recipe.parse({ sources: [upload], split: { every: 1 } }), long)).toThrow(
      expect.objectContaining({ code: 'media.impossible' }),
    )
  })
})
