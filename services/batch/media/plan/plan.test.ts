import { describe, expect, test } from '@jest/globals'
import { applyPreset } from '#shared/contract/presets.ts'
import { Recipe } from '#shared/contract/recipe.ts'
import { guardImage, guardSource } from '../probe/media-input.ts'
import { aMedium, anAudio, aVideo, someLimits } from '../testing/fixtures.ts'
import { planRender } from './plan.ts'

const input = (name: string) => ({ url: `file:${name}`, inputOptions: ['-protocol_whitelist', 'file'] })
const assets = { logo: input('logo.png'), images: {} }
const options = { threads: 0, outputDir: '/out', limits: someLimits }
const upload = { upload_id: '00000000-0000-4000-8000-000000000000' }
const plan = (recipe: Recipe, ...infos: ReturnType<typeof aMedium>[]) =>
  planRender(
    recipe,
    infos.map((info, i) => ({ input: input(`${i}.mp4`), info })),
    assets,
    options,
  )

const GLOBAL = '-nostdin -hide_banner -loglevel error -nostats -stats_period 0.5 -progress pipe:2'
const guarded = (name: string) => guardSource(input(name), someLimits).join(' ')

describe('planEdit', () => {
  test('the reel is one run: read 18 s, frame, join with the logo, encode once', () => {
    const { runs, outputs } = plan(applyPreset('reel', [upload]), aMedium())
    expect(runs.map(({ args }) => args.join(' '))).toEqual([
      `${GLOBAL} ${guarded('0.mp4')} -noautorotate -reinit_filter:v 0 -skip_loop_filter noref -t 18 -i file:0.mp4 ` +
        `${guardImage(assets.logo, someLimits).join(' ')} -i file:logo.png -y -filter_complex ` +
        '[0:0]scale=640:360:in_color_matrix=bt709:out_color_matrix=bt709:out_range=tv,setsar=1,' +
        'fps=24:start_time=0,format=yuv420p,tpad=stop_mode=clone:stop_duration=1,trim=end_frame=432[v0];' +
        '[0:1]aresample=48000:async=1:first_pts=0,aformat=sample_fmts=fltp:channel_layouts=stereo,' +
        'apad=whole_len=864000,atrim=end_sample=864000[a0];' +
        'color=c=0x14161c:s=640x360:r=24,trim=end_frame=1,format=gbrp,scale=out_color_matrix=bt709:out_range=tv,' +
        'format=yuv420p[pi0b];' +
        '[1:v]scale=640:360:force_original_aspect_ratio=decrease:force_divisible_by=2:out_color_matrix=bt709:out_range=tv,' +
        'setsar=1,format=yuva420p[pi0f];' +
        '[pi0b][pi0f]overlay=(W-w)/2:(H-h)/2:format=yuv420,setsar=1,format=yuv420p,split=2[pi0][po0];' +
        '[pi0]loop=loop=23:size=1:start=0,settb=1/24,setpts=N,fps=24[vi0];' +
        'anullsrc=r=48000:cl=stereo,atrim=end_sample=48000,aformat=sample_fmts=fltp:channel_layouts=stereo[ai0];' +
        '[po0]loop=loop=23:size=1:start=0,settb=1/24,setpts=N,fps=24[vo0];' +
        'anullsrc=r=48000:cl=stereo,atrim=end_sample=48000,aformat=sample_fmts=fltp:channel_layouts=stereo[ao0];' +
        '[vi0][ai0][v0][a0][vo0][ao0]concat=n=3:v=1:a=1[v][a] ' +
        '-map [v] -map [a] -c:v libx264 -preset veryfast -crf 22 -pix_fmt yuv420p -fps_mode cfr ' +
        '-colorspace bt709 -color_primaries bt709 -color_trc bt709 -color_range tv -c:a aac -b:a 128k ' +
        '-map_metadata -1 -map_chapters -1 -fs 10737418240 -movflags +faststart -f mp4 /out/output.mp4',
    ])
    expect(outputs).toEqual([
      {
        name: 'output.mp4',
        path: '/out/output.mp4',
        contentType: 'video/mp4',
        expected: { seconds: 20, width: 640, height: 360, fps: 24, hasVideo: true, hasAudio: true },
        streams: false,
      },
    ])
  })

  describe('frames that no other is made from', () => {
    const skips = (frame?: object) =>
      plan(Recipe.parse({ sources: [upload], frame }), aMedium()).runs[0]?.args.includes('-skip_loop_filter')

    test.each([
      ['half its size', { width: 960, height: 540 }],
      ['a sixth, between bars', { width: 1920, height: 180 }],
    ])('are not deblocked for a picture drawn at %s', (_, frame) => {
      expect(skips(frame)).toBe(true)
    })

    test.each([
      ['a little more than half its size', { width: 964, height: 542 }],
      ['its own width, cropped', { width: 1920, height: 180, fit: 'crop' }],
      ['its own size', undefined],
    ])('are deblocked for a picture drawn at %s', (_, frame) => {
      expect(skips(frame)).toBe(false)
    })
  })

  test('a reel of a short source takes all there is', () => {
    expect(plan(applyPreset('reel', [upload]), aMedium({ duration: 5 })).outputs[0]?.expected?.seconds).toBe(
      7,
    )
  })

  test('a source without sound gets silence of its own length', () => {
    const graph = plan(Recipe.parse({ sources: [upload] }), aMedium({ audio: null })).runs[0]?.graph
    expect(graph).toContain('anullsrc=r=48000:cl=stereo,atrim=end_sample=1440000')
    expect(graph).not.toContain('[0:1]')
  })

  test('a start is sought before the input is opened, so that what lies before is not read', () => {
    const recipe = Recipe.parse({ sources: [{ ...upload, trim: { start: 7, duration: 2 } }] })
    expect(plan(recipe, aMedium()).runs[0]?.args.join(' ')).toContain('-ss 7 -t 2 -i file:0.mp4')
  })

  test('an upright picture stands between bars of the grey asked for', () => {
    const frame = { width: 640, height: 360, background: '#202020' }
    const upright = aVideo({ display_width: 1080, display_height: 1920, rotation: 90 })
    const graph = plan(Recipe.parse({ sources: [upload], frame }), aMedium({ video: upright })).runs[0]?.graph
    expect(graph).toContain('scale=360:202:')
    expect(graph).toContain('transpose=clock,pad=640:360:-1:-1:color=0x202020')
  })

  test('other colours than grey are painted in the matrix of the picture', () => {
    const frame = { width: 640, height: 480, background: '#ff0000' }
    const graph = plan(Recipe.parse({ sources: [upload], frame }), aMedium()).runs[0]?.graph
    expect(graph).toContain(
      'color=c=0xff0000:s=640x480:r=24,format=gbrp,scale=out_color_matrix=bt709:out_range=tv',
    )
    expect(graph).toContain('overlay=(W-w)/2:(H-h)/2:format=yuv420:shortest=1')
  })

  test('HDR without tone mapping is impossible', () => {
    const hdr = aMedium({ video: aVideo({ hdr: true, transfer: 'smpte2084' }) })
    const recipe = Recipe.parse({ sources: [upload] })
    expect(plan(recipe, hdr).runs[0]?.graph).toContain('tonemap=tonemap=hable')
    expect(() =>
      planRender(recipe, [{ input: input('0.mp4'), info: hdr }], assets, { ...options, toneMap: false }),
    ).toThrow(expect.objectContaining({ code: 'media.impossible' }))
  })

  test('crop fills the frame and cuts the overhang', () => {
    const frame = { width: 360, height: 360, fit: 'crop' }
    const graph = plan(Recipe.parse({ sources: [upload], frame }), aMedium()).runs[0]?.graph
    expect(graph).toMatch(/scale=640:360:[^,]*,crop=360:360,setsar=1/)
  })

  test('the first source sets the rate unless the output names one', () => {
    const infos = [
      aMedium({ video: aVideo({ fps: 29.97 }) }),
      aMedium({ video: aVideo({ fps: 60 }) }),
    ] as const
    const sources = [upload, upload]
    expect(plan(Recipe.parse({ sources }), ...infos).outputs[0]?.expected?.fps).toBeCloseTo(29.97, 2)
    const output = { fps: 12 }
    expect(plan(Recipe.parse({ sources, output }), ...infos).outputs[0]?.expected?.fps).toBe(12)
  })

  test('frames to be dropped are dropped before they are scaled', () => {
    const recipe = Recipe.parse({ sources: [upload], output: { fps: 24 } })
    const graph = plan(recipe, aMedium({ video: aVideo({ fps: 60 }) })).runs[0]?.graph
    expect(graph).toMatch(/\[0:0\]fps=24:start_time=0,scale=/)
  })

  test('sound without a picture is no video', () => {
    expect(() =>
      plan(Recipe.parse({ sources: [upload] }), aMedium({ video: null, audio: anAudio() })),
    ).toThrow(expect.objectContaining({ code: 'media.impossible' }))
  })

  test('a picture of the user that is not there is told of', () => {
    const recipe = Recipe.parse({ sources: [upload], bumper: { intro: { image: upload } } })
    expect(() => plan(recipe, aMedium())).toThrow(expect.objectContaining({ code: 'upload.not_found' }))
  })
})
