import { describe, expect, test } from '@jest/globals'
import type { MediaInfo } from '#shared/contract/media-info.ts'
import { applyPreset } from '#shared/contract/presets.ts'
import { Recipe } from '#shared/contract/recipe.ts'
import { guardImage, guardSource } from '../probe/media-input.ts'
import { aMedium, anAudio, aVideo, someLimits } from '../testing/fixtures.ts'
import { anInput, aPlanContext, argumentsOf, encodingPlan, reported } from '../testing/plans.ts'
import { planRender } from './plan.ts'
import type { PlannedRun } from './types.ts'

const upload = { upload_id: '00000000-0000-4000-8000-000000000000' }
const plan = (recipe: Recipe, ...infos: MediaInfo[]) => encodingPlan(aPlanContext(recipe, infos))

const GLOBAL = '-nostdin -hide_banner -loglevel error -nostats -stats_period 0.5 -progress pipe:2'
const guarded = (name: string) => guardSource(anInput(name), someLimits, aMedium().container).join(' ')
const guardedImage = (name: string) => guardImage(anInput(name), someLimits).join(' ')
const argumentLines = (runs: PlannedRun[]) => runs.map((run) => argumentsOf(run).join(' '))

describe('planRender', () => {
  test('the reel is one run: read 18 s, frame, join with the logo, encode once', () => {
    const { runs, outputs } = plan(applyPreset('reel', [upload]), aMedium())
    expect(argumentLines(runs)).toEqual([
      `${GLOBAL} ${guarded('0.mp4')} -noautorotate -reinit_filter:v 0 -reinit_filter:a 0 -skip_loop_filter noref -t 18 -i file:0.mp4 ` +
        `${guardedImage('logo.png')} -i file:logo.png -y -filter_complex ` +
        `[0:0]${reported('video', 18)}` +
        'scale=640:360:in_color_matrix=bt709:out_color_matrix=bt709:out_range=tv,setsar=1,' +
        'fps=24:start_time=0,format=yuv420p,tpad=stop_mode=clone:stop_duration=1,trim=end_frame=432[v0];' +
        `[0:1]${reported('audio', 18)}` +
        'aresample=48000:async=1:first_pts=0,aformat=sample_fmts=fltp:channel_layouts=stereo,' +
        'apad=whole_len=864000,atrim=end_sample=864000[a0];' +
        'color=c=0x14161c:s=640x360:r=24,trim=end_frame=1,format=gbrp,scale=out_color_matrix=bt709:out_range=tv,' +
        'format=yuv420p[v1];' +
        '[1:v]scale=640:360:force_original_aspect_ratio=decrease:force_divisible_by=2:out_color_matrix=bt709:out_range=tv,' +
        'setsar=1,format=yuva420p[v2];' +
        '[v1][v2]overlay=(W-w)/2:(H-h)/2:format=yuv420,setsar=1,format=yuv420p[v3];' +
        '[v3]split=2[v4][v5];' +
        '[v4]loop=loop=23:size=1:start=0,settb=1/24,setpts=N,fps=24[v6];' +
        'anullsrc=r=48000:cl=stereo,atrim=end_sample=48000,aformat=sample_fmts=fltp:channel_layouts=stereo[a1];' +
        '[v5]loop=loop=23:size=1:start=0,settb=1/24,setpts=N,fps=24[v7];' +
        'anullsrc=r=48000:cl=stereo,atrim=end_sample=48000,aformat=sample_fmts=fltp:channel_layouts=stereo[a2];' +
        '[v6][a1][v0][a0][v7][a2]concat=n=3:v=1:a=1[v8][a3] ' +
        '-map [v8] -map [a3] -c:v libx264 -preset veryfast -crf 22 -pix_fmt yuv420p -r 24 -fps_mode cfr ' +
        '-colorspace bt709 -color_primaries bt709 -color_trc bt709 -color_range tv -c:a aac -b:a 128k ' +
        '-map_metadata -1 -map_chapters -1 -fs 10737418240 -movflags +faststart -f mp4 /out/output.mp4',
    ])
    expect(outputs).toEqual([
      {
        name: 'output.mp4',
        path: '/out/output.mp4',
        contentType: 'video/mp4',
        video: {
          encoder: 'libx264',
          quality: 'standard',
          rateControl: { crf: 22 },
          pixelFormat: 'yuv420p',
          matrix: 'bt709',
          rate: { num: 24, den: 1 },
          threads: 0,
          tag: null,
          keyFramesAt: [],
        },
        audio: { encoder: 'aac', kbits: 128, sampleRate: null, channels: null },
        expected: {
          seconds: 20,
          frames: { count: 480, tolerance: 0 },
          width: 640,
          height: 360,
          fps: 24,
          hasVideo: true,
          hasAudio: true,
        },
        streams: false,
      },
    ])
  })

  test('a GIF chooses its palette from all frames, at 15 frames per second and 480 pixels', () => {
    const { runs } = plan(Recipe.parse({ sources: [upload], output: { format: 'gif' } }), aMedium())
    expect(argumentLines(runs)).toEqual([
      `${GLOBAL} ${guarded('0.mp4')} -noautorotate -reinit_filter:v 0 -reinit_filter:a 0 -i file:0.mp4 -y -filter_complex ` +
        `[0:0]${reported('video', 30)}` +
        'fps=15:start_time=0,scale=1920:1080:in_color_matrix=bt709:out_color_matrix=bt709:out_range=tv,setsar=1,' +
        'format=yuv420p,tpad=stop_mode=clone:stop_duration=1,trim=end_frame=450[v0];' +
        '[v0]scale=480:270,setsar=1[v1];[v1]split=2[v2][v3];[v2]palettegen=stats_mode=diff[v4];' +
        '[v3][v4]paletteuse=dither=bayer:bayer_scale=4:diff_mode=rectangle[v5] -map [v5] -c:v gif ' +
        '-map_metadata -1 -map_chapters -1 -fs 10737418240 -f gif /out/output.gif',
    ])
  })

  describe('frames that no other frame refers to', () => {
    const skips = (frame?: object) =>
      argumentLines(plan(Recipe.parse({ sources: [upload], frame }), aMedium()).runs)[0]?.includes(
        '-skip_loop_filter',
      )

    test.each([
      ['half its size', { width: 960, height: 540 }],
      ['a sixth, between bars', { width: 1920, height: 180 }],
    ])('are not deblocked for video shown at %s', (_, frame) => {
      expect(skips(frame)).toBe(true)
    })

    test.each([
      ['a little more than half its size', { width: 964, height: 542 }],
      ['its own width, cropped', { width: 1920, height: 180, fit: 'crop' }],
      ['its own size', undefined],
    ])('are deblocked for video shown at %s', (_, frame) => {
      expect(skips(frame)).toBe(false)
    })
  })

  test('a reel of a short source takes all there is', () => {
    expect(plan(applyPreset('reel', [upload]), aMedium({ duration: 5 })).outputs[0]?.expected?.seconds).toBe(
      7,
    )
  })

  test('a source without audio gets silence of its own length', () => {
    const graph = plan(Recipe.parse({ sources: [upload] }), aMedium({ audio: null })).runs[0]?.graph
    expect(graph).toContain('anullsrc=r=48000:cl=stereo,atrim=end_sample=1440000')
    expect(graph).not.toContain('[0:1]')
  })

  test('the start of a trim is an input option, so that what lies before it is not read', () => {
    const recipe = Recipe.parse({ sources: [{ ...upload, trim: { start: 7, duration: 2 } }] })
    expect(argumentLines(plan(recipe, aMedium()).runs)[0]).toContain('-ss 7 -noaccurate_seek -i file:0.mp4')
  })

  test('a last frame that is held from before its trim has a rate when it is held', () => {
    const recipe = Recipe.parse({ sources: [{ ...upload, trim: { start: 7, duration: 2 } }] })
    const graph = plan(recipe, aMedium({ video: aVideo({ duration: 5 }) })).runs[0]?.graph
    expect(graph).toMatch(/setpts=PTS-STARTPTS,fps=24,[^;]*tpad=stop_mode=clone/)
  })

  test('upright video stands between bars of the requested grey', () => {
    const frame = { width: 640, height: 360, background: '#202020' }
    const upright = aVideo({ display_width: 1080, display_height: 1920, rotation: 90 })
    const graph = plan(Recipe.parse({ sources: [upload], frame }), aMedium({ video: upright })).runs[0]?.graph
    expect(graph).toContain('scale=360:202:')
    expect(graph).toContain('transpose=clock,pad=640:360:-1:-1:color=0x202020')
    // Neither the frames nor the graph may carry the display matrix to the output.
    expect(graph).toContain('sidedata=mode=delete:type=DISPLAYMATRIX,transpose=clock')
    expect(graph).toContain('[0:0]nullsink')
  })

  test('bars of other colours than grey have the matrix of the video', () => {
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
    expect(plan(recipe, hdr).runs[0]?.graph).toContain('tonemap=tonemap=mobius')
    expect(() => planRender(aPlanContext(recipe, [hdr], { canConvertColours: false }))).toThrow(
      expect.objectContaining({ code: 'media.impossible' }),
    )
  })

  describe('an ffmpeg that cannot convert colours', () => {
    const p3 = aMedium({ video: aVideo({ primaries: 'smpte432' }) })
    const planWithout = (recipe: object, context: Parameters<typeof aPlanContext>[2] = {}, info = p3) =>
      planRender(
        aPlanContext(Recipe.parse({ sources: [upload], ...recipe }), [info], {
          canConvertColours: false,
          ...context,
        }),
      )
    const impossible = expect.objectContaining({ code: 'media.impossible' })

    test('does not encode wide-gamut video, be it of a source or of a bumper clip', () => {
      const frame = { width: 640 }
      expect(() => planWithout({ frame })).toThrow(impossible)
      const clips = { [upload.upload_id]: { input: anInput('clip.mp4'), info: p3 } }
      const assets = { logo: anInput('logo.png'), images: {}, clips }
      const bumper = { intro: { clip: upload } }
      expect(() => planWithout({ bumper }, { assets }, aMedium())).toThrow(impossible)
    })

    test('copies it, and takes audio from it', () => {
      expect(planWithout({}).preferred.outputs[0]?.video).toBe('copy')
      expect(planWithout({ output: { format: 'mp3' } }).preferred.outputs[0]?.video).toBeNull()
    })
  })

  test.each([
    ['bt2020', 'bt2020nc', 'bt2020nc'],
    ['smpte432', 'bt709', 'bt709'],
    ['smpte431', null, 'bt709'],
  ])('%s primaries become those of BT.709', (primaries, matrix, zscale) => {
    const video = aVideo({ primaries, matrix, transfer: 'bt2020-10' })
    const graph = plan(Recipe.parse({ sources: [upload], frame: { width: 640 } }), aMedium({ video })).runs[0]
      ?.graph
    expect(graph).toContain(
      `zscale=tin=bt709:min=${zscale}:pin=${primaries}:rin=tv:t=bt709:p=bt709:m=bt709:r=tv`,
    )
  })

  test('crop fills the frame and cuts off what overhangs', () => {
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

  test('frames that are dropped are dropped before scaling', () => {
    const recipe = Recipe.parse({ sources: [upload], output: { fps: 24 } })
    const graph = plan(recipe, aMedium({ video: aVideo({ fps: 60 }) })).runs[0]?.graph
    expect(graph).toMatch(/\[0:0\][^;]*direct=1,fps=24:start_time=0,scale=/)
  })

  test('a video of a source without video is impossible', () => {
    expect(() =>
      plan(Recipe.parse({ sources: [upload] }), aMedium({ video: null, audio: anAudio() })),
    ).toThrow(expect.objectContaining({ code: 'media.impossible' }))
  })

  test('a missing image of the user is reported', () => {
    const recipe = Recipe.parse({ sources: [upload], bumper: { intro: { image: upload } } })
    expect(() => plan(recipe, aMedium())).toThrow(expect.objectContaining({ code: 'upload.not_found' }))
  })

  describe('the fallback', () => {
    const convert = applyPreset('convert', [upload])

    test('of a stream copy encodes the same recipe', () => {
      const { preferred, fallback } = planRender(aPlanContext(convert, [aMedium()]))
      expect(preferred.outputs[0]).toMatchObject({ video: 'copy', audio: 'copy' })
      expect(fallback?.outputs[0]).toMatchObject({ video: { encoder: 'libx264' }, audio: { encoder: 'aac' } })
    })

    test('is missing when the preferred plan encodes', () => {
      expect(planRender(aPlanContext(applyPreset('reel', [upload]), [aMedium()])).fallback).toBeNull()
    })

    test('is missing when no encoder takes such a frame; it can be copied all the same', () => {
      const wide = aMedium({ video: aVideo({ width: 10_000, height: 1000, display_height: 1000 }) })
      const { preferred, fallback } = planRender(aPlanContext(convert, [wide]))
      expect(preferred.outputs[0]?.video).toBe('copy')
      expect(fallback).toBeNull()
    })
  })
})
