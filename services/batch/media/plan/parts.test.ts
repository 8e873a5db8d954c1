import { describe, expect, test } from '@jest/globals'
import { applyPreset } from '#shared/contract/presets.ts'
import { Recipe } from '#shared/contract/recipe.ts'
import { guardSource } from '../probe/media-input.ts'
import { aMedium, aVideo, someLimits } from '../testing/fixtures.ts'
import { anInput, aPlanContext, argumentsOf, encodingPlan, reported } from '../testing/plans.ts'
import { cutLengths } from './timeline.ts'
import type { PlannedRun } from './types.ts'

const upload = { upload_id: '00000000-0000-4000-8000-000000000000' }
const plan = (recipe: Recipe, info = aMedium({ duration: 50, video: aVideo({ duration: 50 }) })) =>
  encodingPlan(aPlanContext(recipe, [info]))
const GLOBAL = '-nostdin -hide_banner -loglevel error -nostats -stats_period 0.5 -progress pipe:2'
const line = (run?: PlannedRun) => (run ? argumentsOf(run).join(' ') : '')

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
      '[v0]split=3[v1][v2][v3];' +
        '[v1]trim=start_frame=0:end_frame=480,setpts=PTS-STARTPTS[v4];' +
        '[v2]trim=start_frame=480:end_frame=960,setpts=PTS-STARTPTS[v5];' +
        '[v3]trim=start_frame=960:end_frame=1200,setpts=PTS-STARTPTS[v6]',
    )
    expect(line(encode)).toContain(
      '-force_key_frames 21.989583,43.989583 -f segment -segment_format mp4 -segment_start_number 1 ' +
        '-segment_frames 528,1056 -reset_timestamps 1 /out/.video-%03d',
    )
    expect(line(mux)).not.toMatch(/libx264|filter_complex/)
    expect(line(mux)).toContain(
      '-protocol_whitelist file -i file:/out/.video-002 -protocol_whitelist file -ss 22 -t 22 -i file:/out/.audio',
    )
    expect(line(mux)).toContain('-map 2 -map 3 -c:v copy -c:a copy')
  })

  test('are two runs in full: one that encodes, one that muxes', () => {
    const recipe = Recipe.parse({
      sources: [upload],
      split: { every: 30 },
      frame: { width: 640, height: 360 },
    })
    const input = '-protocol_whitelist file'
    const output = '-map_metadata -1 -map_chapters -1 -fs 10737418240 -movflags +faststart -f mp4'
    expect(plan(recipe).runs.map(line)).toEqual([
      `${GLOBAL} ${guardSource(anInput('0.mp4'), someLimits, aMedium().container).join(' ')} -noautorotate -reinit_filter:v 0 -reinit_filter:a 0 ` +
        '-skip_loop_filter noref -i file:0.mp4 -y -filter_complex ' +
        `[0:0]${reported('video', 50)}` +
        'scale=640:360:in_color_matrix=bt709:out_color_matrix=bt709:out_range=tv,setsar=1,' +
        'fps=24:start_time=0,format=yuv420p,tpad=stop_mode=clone:stop_duration=1,trim=end_frame=1200[v0];' +
        `[0:1]${reported('audio', 50)}` +
        'aresample=48000:async=1:first_pts=0,aformat=sample_fmts=fltp:channel_layouts=stereo,' +
        'apad=whole_len=2400000,atrim=end_sample=2400000[a0] ' +
        '-map [v0] -c:v libx264 -preset veryfast -crf 22 -pix_fmt yuv420p -r 24 -fps_mode cfr ' +
        '-colorspace bt709 -color_primaries bt709 -color_trc bt709 -color_range tv -force_key_frames 29.989583 ' +
        '-f segment -segment_format mp4 -segment_start_number 1 -segment_frames 720 -reset_timestamps 1 ' +
        '/out/.video-%03d -map [a0] -c:a aac -b:a 128k -f mp4 /out/.audio',
      `${GLOBAL} ${input} -i file:/out/.video-001 ${input} -ss 0 -t 30 -i file:/out/.audio ` +
        `${input} -i file:/out/.video-002 ${input} -ss 30 -t 20 -i file:/out/.audio -y ` +
        `-map 0 -map 1 -c:v copy -c:a copy ${output} /out/part-001.mp4 ` +
        `-map 2 -map 3 -c:v copy -c:a copy ${output} /out/part-002.mp4`,
    ])
  })

  test('without bumpers need no cut in the graph', () => {
    expect(plan(Recipe.parse({ sources: [upload], split: { every: 20 } })).runs[0]?.graph).not.toContain(
      'split',
    )
  })

  test('are scaled down to the width of their output', () => {
    const small = Recipe.parse({ sources: [upload], split: { every: 20 }, output: { width: 640 } })
    const { runs, outputs } = plan(small)
    expect(runs[0]?.graph).toMatch(/\[v0\]scale=640:360,setsar=1\[v1\]$/)
    expect(line(runs[0])).toContain('-map [v1]')
    expect(outputs[0]?.expected).toMatchObject({ width: 640, height: 360 })
  })

  test.each([
    ['mp3', '-c:a libmp3lame -b:a 192k'],
    ['wav', '-c:a pcm_s16le'],
  ] as const)('of %s are encoded one by one from lossless audio', (format, encoder) => {
    const [whole, each] = plan(
      Recipe.parse({ sources: [upload], split: { every: 20 }, output: { format } }),
    ).runs
    expect(line(whole)).toContain('-c:a pcm_s16le -f w64 /out/.audio')
    expect(line(each)).toContain(`-map 1 ${encoder} `)
    expect(line(each)).not.toContain('copy')
  })

  test('in their hundreds are muxed fifty at a time', () => {
    const long = aMedium({ duration: 2400 })
    expect(plan(Recipe.parse({ sources: [upload], split: { every: 20 } }), long).runs).toHaveLength(4)
  })

  test('in their thousands are refused', () => {
    const long = aMedium({ duration: 2400 })
    expect(() => plan(Recipe.parse({ sources: [upload], split: { every: 1 } }), long)).toThrow(
      expect.objectContaining({ code: 'media.impossible' }),
    )
  })

  test('in their thousands are refused before filters are chosen for each, which bumpers take', () => {
    const bumper = { outro: { seconds: 1 } }
    const recipe = Recipe.parse({ sources: [upload], split: { every: 1 }, bumper })
    expect(() => plan(recipe, aMedium({ duration: 80_000 }))).toThrow(/it would give 80000 parts/)
  })
})
