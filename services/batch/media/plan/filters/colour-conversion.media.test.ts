import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { ffmpeg } from '#test/clips.ts'
import { anUpload, type MediaWorkspace, openMediaWorkspace } from '../../testing/media-workspace.ts'

let workspace: MediaWorkspace
beforeAll(async () => {
  workspace = await openMediaWorkspace()
})
afterAll(() => workspace.clips.remove())

const run = promisify(execFile)

/** Red, green, grey, skin, white paper and reference white, each a column of 64 pixels. */
const PATCHES = ['c82828', '28a03c', '808080', 'e0b080', 'f0f0f0', 'ffffff']
const WIDTH = 64 * PATCHES.length
const ACCURATE = 'flags=accurate_rnd+full_chroma_int'

/** A clip of the patches: SDR, or SDR put into another colour space with its white at 203 nits. */
async function patches(conversion: string, encoder: string[]) {
  const path = workspace.clips.fresh('mp4')
  const columns = PATCHES.map((colour, i) => `color=0x${colour}:size=64x128:rate=10:duration=0.5[p${i}]`)
  const joined = `${PATCHES.map((_, i) => `[p${i}]`).join('')}hstack=${PATCHES.length},format=gbrp`
  // 12 bits: the rounding of the test must not be what is measured.
  const sdr = `scale=out_color_matrix=bt709:out_range=tv:${ACCURATE},format=yuv444p12le`
  await ffmpeg([
    '-filter_complex',
    [...columns, `${joined},${sdr},${conversion}`].join(';'),
    ...encoder,
    path,
  ])
  return path
}

const LINEAR_LIGHT =
  'zscale=tin=bt709:pin=bt709:min=bt709:rin=tv:t=linear:p=bt709:m=gbr:npl=203,format=gbrpf32le'
const tags = (primaries: string, transfer: string, matrix: string) => [
  ...['-color_primaries', primaries, '-color_trc', transfer, '-colorspace', matrix, '-color_range', 'tv'],
]

const hdr = (transfer: string) =>
  patches(`${LINEAR_LIGHT},zscale=p=bt2020:t=${transfer}:m=bt2020nc:r=tv:npl=203,format=yuv420p10le`, [
    ...['-c:v', 'libx265', '-x265-params', 'log-level=error:crf=8'],
    ...tags('bt2020', transfer, 'bt2020nc'),
  ])

const wideGamut = (
  primaries: string,
  matrix: string,
  format = 'yuv420p',
  encoder = ['libx264', '-crf', '8'],
) =>
  patches(`${LINEAR_LIGHT},zscale=p=${primaries}:t=bt709:m=${matrix}:r=tv:npl=203,format=${format}`, [
    ...['-c:v', ...encoder],
    ...tags(primaries, 'bt709', matrix),
  ])

/** The colour in the middle of each patch, as a player of BT.709 shows it. */
async function coloursOf(path = '', second = 0) {
  const toRgb = `scale=${WIDTH}:128:in_color_matrix=bt709:${ACCURATE},format=gbrp,format=rgb24`
  const filter = `${toRgb},crop=${WIDTH}:1:0:64`
  const args = ['-v', 'error', '-ss', String(second), '-i', path, '-vf', filter, '-frames:v', '1']
  const { stdout } = await run('ffmpeg', [...args, '-f', 'rawvideo', '-'], { encoding: 'buffer' })
  return PATCHES.map((_, i) => [...stdout.subarray((64 * i + 32) * 3, (64 * i + 33) * 3)])
}

/** The patches as they were, each channel within so many code values. */
const within = (codeValues: number) =>
  PATCHES.map((colour) => [...Buffer.from(colour, 'hex')].map((value) => near(value, codeValues)))

// closeTo(value, d) allows half of 10^-d.
const near = (value: number, codeValues: number) => expect.closeTo(value, -Math.log10(2 * codeValues))

const encoded = { output: { quality: 'high' as const } }

describe('HDR comes out as SDR had it, from shadows to reference white', () => {
  test.each(['arib-std-b67', 'smpte2084'])('%s', async (transfer) => {
    const { sources, outputs } = await workspace.render(encoded, [await hdr(transfer)])
    expect(sources[0]?.video).toMatchObject({ hdr: true, primaries: 'bt2020', transfer })
    expect(await coloursOf(outputs[0]?.path)).toEqual(within(8))
  })

  test('beside SDR, as a source and as a bumper clip', async () => {
    const clip = await hdr('arib-std-b67')
    const { outputs } = await workspace.render(
      { ...encoded, bumper: { outro: { clip: anUpload(0), seconds: 0.5 } } },
      [await wideGamut('bt709', 'bt709'), clip],
      { uploads: [clip] },
    )
    for (const second of [0, 0.6, 1.2]) {
      expect(await coloursOf(outputs[0]?.path, second)).toEqual(within(8))
    }
  })

  test('highlights above white stay apart from it, up to 1,000 nits', async () => {
    const path = workspace.clips.fresh('mp4')
    // 203, 400 and 1,000 nits in PQ, at 10 bits.
    const steps = [0.58, 0.65, 0.75].map((signal) => Math.round(64 + 876 * signal))
    const luma = `if(lt(X,64),${steps[0]},if(lt(X,128),${steps[1]},${steps[2]}))`
    const grey = `color=black:size=192x64:rate=10:duration=0.3,format=yuv420p10le,geq=lum='${luma}':cb=512:cr=512`
    await ffmpeg([
      ...['-f', 'lavfi', '-i', grey, '-c:v', 'libx265', '-x265-params', 'log-level=error:crf=4'],
      ...tags('bt2020', 'smpte2084', 'bt2020nc'),
      path,
    ])
    const { outputs } = await workspace.render(encoded, [path])
    const { stdout } = await run(
      'ffmpeg',
      [
        '-v',
        'error',
        '-i',
        outputs[0]?.path ?? '',
        '-vf',
        'format=gray',
        '-frames:v',
        '1',
        '-f',
        'rawvideo',
        '-',
      ],
      { encoding: 'buffer' },
    )
    const [white = 0, bright = 0, brightest = 0] = [32, 96, 160].map((x) => stdout[32 * 192 + x])
    expect(white).toBeLessThan(bright)
    expect(bright).toBeLessThan(brightest)
  })
})

describe('wide-gamut SDR comes out with the colours that BT.709 has for it', () => {
  test.each([
    ['BT.2020', 'bt2020', 'bt2020nc'],
    ['Display P3', 'smpte432', 'bt709'],
    ['DCI-P3', 'smpte431', 'bt709'],
  ])('%s', async (_, primaries, matrix) => {
    const { sources, outputs } = await workspace.render(encoded, [await wideGamut(primaries, matrix)])
    expect(sources[0]?.video).toMatchObject({ hdr: false, primaries, matrix })
    expect(await coloursOf(outputs[0]?.path)).toEqual(within(8))
  })

  test.each([
    ['BT.2020 that states its matrix alone', 'bt2020', 'bt2020nc', 'unknown'],
    ['YCgCo', 'bt709', 'ycgco', 'unknown'],
  ])('%s', async (_, primaries, matrix, stated) => {
    const converted = `${LINEAR_LIGHT},zscale=p=${primaries}:t=bt709:m=${matrix}:r=tv:npl=203,format=yuv420p`
    const labels = `setparams=color_primaries=${stated}:color_trc=${stated}:colorspace=${matrix}`
    const options = ['-c:v', 'libx264', '-crf', '8', '-colorspace', matrix]
    const { sources, outputs } = await workspace.render(encoded, [
      await patches(`${converted},${labels}`, options),
    ])
    expect(sources[0]?.video).toMatchObject({ primaries: null, matrix })
    expect(await coloursOf(outputs[0]?.path)).toEqual(within(8))
  })

  test('10 bits in HEVC, scaled down into bars, as a GIF', async () => {
    const source = await wideGamut('bt2020', 'bt2020nc', 'yuv420p10le', [
      ...['libx265', '-x265-params', 'log-level=error:crf=8'],
    ])
    const { outputs } = await workspace.render(
      { outputs: [{ quality: 'high' }, { format: 'gif', width: WIDTH }] },
      [source],
    )
    expect(await coloursOf(outputs[0]?.path)).toEqual(within(8))
    expect(await coloursOf(outputs[1]?.path)).toEqual(within(12))
  })

  test('is copied with its tags, in another container', async () => {
    const { outputs } = await workspace.render({}, [await wideGamut('smpte432', 'bt709')])
    const info = await workspace.engine.probe(
      { url: `file:${outputs[0]?.path}`, inputOptions: ['-protocol_whitelist', 'file'] },
      new AbortController().signal,
    )
    expect(info.video).toMatchObject({ primaries: 'smpte432', transfer: 'bt709' })
  })
})

const NO_LABELS = 'setparams=color_primaries=unknown:colorspace=unknown:color_trc=unknown'

describe('whatever makes RGB of a result knows its matrix', () => {
  const unlabelled = () =>
    patches('scale=1152:768:flags=neighbor,format=yuv420p', [
      '-c:v',
      'libx264',
      '-crf',
      '4',
      '-preset',
      'veryfast',
    ])

  /** The colours of the file as ffmpeg shows it, by what the file says. */
  async function shownBy(path = '') {
    const filter = `scale=${WIDTH}:8:flags=neighbor,format=gbrp,format=rgb24,crop=${WIDTH}:1:0:4`
    const args = ['-v', 'error', '-i', path, '-vf', filter, '-frames:v', '1', '-f', 'rawvideo', '-']
    const { stdout } = await run('ffmpeg', args, { encoding: 'buffer' })
    return PATCHES.map((_, i) => [...stdout.subarray((64 * i + 32) * 3, (64 * i + 33) * 3)])
  }

  test('a GIF of unlabelled HD', async () => {
    const { outputs } = await workspace.render({ output: { format: 'gif' } }, [await unlabelled()])
    // Palettes of ffmpeg 7 are up to 8 off; the wrong matrix would be 17 and more.
    expect(await shownBy(outputs[0]?.path)).toEqual(within(10))
  })

  test('a poster, which is JPEG with the matrix of BT.601', async () => {
    const recipe = { ...encoded, thumbnails: { poster: { at: 0 } } }
    const { outputs } = await workspace.render(recipe, [await unlabelled()])
    expect(await shownBy(outputs.find(({ name }) => name === 'poster.jpg')?.path)).toEqual(within(6))
  })

  test('HDR that only states its transfer curve', async () => {
    const path = await patches(
      `${LINEAR_LIGHT},zscale=p=bt2020:t=arib-std-b67:m=bt2020nc:r=tv:npl=203,format=yuv420p10le,${NO_LABELS}`,
      ['-c:v', 'libx265', '-x265-params', 'log-level=error:crf=8:transfer=arib-std-b67', '-f', 'matroska'],
    )
    const { sources, outputs } = await workspace.render(encoded, [path])
    expect(sources[0]?.video).toMatchObject({ hdr: true, primaries: null })
    expect(await shownBy(outputs[0]?.path)).toEqual(within(8))
  })
})
