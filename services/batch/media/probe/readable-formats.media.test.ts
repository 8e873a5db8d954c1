import { readFile, writeFile } from 'node:fs/promises'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { ffmpeg } from '#test/clips.ts'
import { lavfi, TONE, VIDEO } from '../testing/hostile-workspace.ts'
import { type MediaWorkspace, measure, openMediaWorkspace } from '../testing/media-workspace.ts'

let workspace: MediaWorkspace
beforeAll(async () => {
  workspace = await openMediaWorkspace()
})
afterAll(() => workspace.clips.remove())

const RECIPE = { frame: { width: 64, height: 36, upscale: true }, output: { quality: 'draft' } } as const

/** A file of two seconds that ffmpeg writes with these options. */
async function created(extension: string, inputs: string[], options: string[]): Promise<string> {
  const path = workspace.clips.fresh(extension)
  await ffmpeg([...lavfi(...inputs), ...options, path])
  return path
}

describe('renders what cameras, discs and capture programs write', () => {
  test.each([
    ['uncompressed AVI', 'avi', ['-c:v', 'rawvideo', '-pix_fmt', 'bgr24', '-c:a', 'pcm_s16le']],
    ['uncompressed MOV', 'mov', ['-c:v', 'rawvideo', '-pix_fmt', 'uyvy422', '-c:a', 'pcm_s16le']],
    ['HuffYUV', 'avi', ['-c:v', 'huffyuv', '-pix_fmt', 'yuv422p', '-c:a', 'pcm_s16le']],
    ["FFmpeg's HuffYUV", 'mkv', ['-c:v', 'ffvhuff', '-pix_fmt', 'yuv420p', '-c:a', 'pcm_s16le']],
    ['Ut Video', 'avi', ['-c:v', 'utvideo', '-pix_fmt', 'yuv422p', '-c:a', 'pcm_s16le']],
    ['GoPro CineForm', 'mov', ['-c:v', 'cfhd', '-pix_fmt', 'yuv422p10le', '-c:a', 'pcm_s16le']],
    ['DVD PCM', 'vob', ['-c:v', 'mpeg2video', '-c:a', 'pcm_dvd', '-ar', '48000', '-ac', '2']],
    [
      'Blu-ray PCM',
      'm2ts',
      ['-c:v', 'libx264', '-c:a', 'pcm_bluray', '-ar', '48000', '-ac', '2', '-mpegts_m2ts_mode', '1'],
    ],
  ])('%s', async (_, extension, options) => {
    const path = await created(extension, [VIDEO, TONE], options)
    const { sources, outputs } = await workspace.render(RECIPE, [path])
    const codecs = [sources[0]?.video?.codec, sources[0]?.audio?.codec]
    expect(options).toEqual(expect.arrayContaining(codecs.filter((codec) => codec !== 'h264')))
    const { frames, audioSeconds } = await measure(outputs[0]?.path)
    expect(Math.abs((frames ?? 0) - 48)).toBeLessThanOrEqual(1)
    expect(Math.abs(audioSeconds - 2)).toBeLessThan(0.05)
  })

  test('Core Audio Format', async () => {
    const path = await created('caf', [TONE], ['-c:a', 'pcm_s16be'])
    const { outputs } = await workspace.render({ output: { format: 'mp3' } }, [path])
    expect(Math.abs((outputs[0]?.seconds ?? 0) - 2)).toBeLessThan(0.1)
  })

  test.each([
    ['LATM', 'latm', ['-c:a', 'aac', '-f', 'latm']],
    ['Dolby TrueHD', 'thd', ['-c:a', 'truehd', '-strict', '-2', '-ar', '48000']],
    ['a telephone', 'wav', ['-c:a', 'pcm_alaw', '-ar', '8000']],
  ])('audio of %s', async (_, extension, options) => {
    const path = await created(extension, [TONE], options)
    const { outputs } = await workspace.render({ output: { format: 'mp3' } }, [path])
    expect(Math.abs((outputs[0]?.seconds ?? 0) - 2)).toBeLessThan(0.1)
  })

  test('animated PNG', async () => {
    const path = await created('apng', [VIDEO], ['-plays', '0'])
    const { outputs } = await workspace.render(RECIPE, [path])
    expect((await measure(outputs[0]?.path)).frames).toBe(48)
  })
})

test.each([
  ['uncompressed', ['-c:v', 'rawvideo']],
  ['HuffYUV', ['-c:v', 'huffyuv']],
])('RGB of 32 bits whose fourth byte is 0 is opaque: %s', async (_, options) => {
  const transparent = ['-vf', 'format=bgra,colorchannelmixer=aa=0', '-pix_fmt', 'bgra']
  const path = await created('avi', ['color=white:s=96x64:r=10:d=0.5'], [...transparent, ...options])
  const { outputs } = await workspace.render(RECIPE, [path])
  const raw = workspace.clips.fresh('gray')
  await ffmpeg([
    '-i',
    outputs[0]?.path ?? '',
    '-vf',
    'scale=1:1,format=gray',
    '-frames:v',
    '1',
    '-f',
    'rawvideo',
    raw,
  ])
  expect((await readFile(raw))[0]).toBeGreaterThan(200)
})

test('DV is deinterlaced although AVI states no order of its fields', async () => {
  const dv = ['-c:v', 'dvvideo', '-pix_fmt', 'yuv420p', '-flags', '+ilme+ildct']
  const path = await created('avi', ['testsrc2=s=720x576:r=25:d=0.2'], dv)
  const { sources } = await workspace.render(RECIPE, [path])
  expect(sources[0]?.video).toMatchObject({ codec: 'dvvideo', interlaced: true })
})

test('the first audio track that can be read is used', async () => {
  const path = await created(
    'mov',
    [VIDEO, 'sine=f=300:d=2', TONE],
    [...['-map', '0', '-map', '1', '-map', '2', '-c:v', 'libx264', '-pix_fmt', 'yuv420p', '-c:a', 'aac']],
  )
  const bytes = await readFile(path)
  // The first audio track becomes one of a codec that ffmpeg does not know.
  const entry = bytes.indexOf('mp4a', bytes.indexOf('soun'))
  bytes.write('apac', entry)
  bytes.write('dapa', bytes.indexOf('esds', entry))
  await writeFile(path, bytes)
  const { sources, outputs } = await workspace.render(RECIPE, [path])
  expect(sources[0]?.audio).toMatchObject({ index: 2, codec: 'aac' })
  expect((await measure(outputs[0]?.path)).audioSeconds).toBeCloseTo(2, 1)
})

describe('tracks of codecs that are not accepted are skipped', () => {
  const files: [string, string[], string[]][] = [
    [
      'audio',
      [VIDEO, 'sine=f=300:d=2', 'sine=f=300:d=2', TONE],
      ['-c:v', 'libx264', '-c:a', 'wavpack', '-c:a:1', 'tta', '-c:a:2', 'aac'],
    ],
    ['video', [VIDEO, VIDEO, TONE], ['-c:v:0', 'magicyuv', '-c:v:1', 'libx264', '-c:a', 'aac']],
  ]

  test.each(files)('%s', async (kind, inputs, codecs) => {
    const maps = inputs.flatMap((_, i) => ['-map', String(i)])
    const path = await created('mkv', inputs, [...maps, '-pix_fmt', 'yuv420p', ...codecs])
    const { sources, outputs } = await workspace.render(RECIPE, [path])
    expect(sources[0]).toMatchObject({
      video: { codec: 'h264' },
      audio: { codec: 'aac', index: inputs.length - 1 },
      warnings: [{ code: `${kind}_track_ignored` }],
    })
    const { frames, audioSeconds } = await measure(outputs[0]?.path)
    // The encoders delay the streams, which Matroska states.
    expect(Math.abs((frames ?? 0) - 48)).toBeLessThanOrEqual(2)
    expect(Math.abs(audioSeconds - 2)).toBeLessThan(0.1)
  })

  test('a file whose only audio track is of such a codec is refused', async () => {
    const path = await created('mkv', [VIDEO, TONE], ['-c:v', 'libx264', '-c:a', 'wavpack'])
    await expect(workspace.render(RECIPE, [path])).rejects.toMatchObject({
      code: 'media.unreadable',
      message: expect.stringContaining('the codec wavpack is not supported'),
    })
  })
})

describe('a track of an MP4 to which nothing was written is not used', () => {
  /** MP4 whose first audio track has an index without entries. */
  async function withEmptyTrack(inputs: string[]): Promise<string> {
    const maps = inputs.flatMap((_, i) => ['-map', String(i)])
    const path = await created('mp4', inputs, [
      ...maps,
      '-c:v',
      'libx264',
      '-pix_fmt',
      'yuv420p',
      '-c:a',
      'aac',
    ])
    const bytes = await readFile(path)
    const track = bytes.indexOf('soun')
    for (const [box, offset] of Object.entries({ stts: 8, stsc: 8, stsz: 12, stco: 8 })) {
      bytes.writeUInt32BE(0, bytes.indexOf(box, track) + offset)
    }
    bytes.write('free', bytes.indexOf('sgpd', track))
    bytes.write('free', bytes.indexOf('sbgp', track))
    await writeFile(path, bytes)
    return path
  }

  test('the next one is', async () => {
    const path = await withEmptyTrack([VIDEO, TONE, TONE])
    const { sources, outputs } = await workspace.render(RECIPE, [path])
    expect(sources[0]).toMatchObject({ audio: { index: 2 }, warnings: [{ code: 'audio_track_ignored' }] })
    expect((await measure(outputs[0]?.path)).audioSeconds).toBeCloseTo(2, 1)
  })

  test('or none', async () => {
    const path = await withEmptyTrack([VIDEO, TONE])
    const { sources, outputs } = await workspace.render(RECIPE, [path])
    expect(sources[0]).toMatchObject({ duration: 2, audio: null })
    expect((await measure(outputs[0]?.path)).frames).toBe(48)
  })
})

test.each([
  ['audio', [VIDEO, TONE, TONE], 0x101],
  ['video', [VIDEO, VIDEO, TONE], 0x100],
])('of two streams of a broadcast, the one that is sent is used: %s', async (_, inputs, unsent) => {
  const codecs = ['-map', '0', '-map', '1', '-map', '2', '-c:v', 'libx264', '-c:a', 'aac']
  const bytes = await readFile(await created('ts', inputs, codecs))
  const packets = Array.from({ length: bytes.length / 188 }, (_, i) => bytes.subarray(i * 188, (i + 1) * 188))
  const path = workspace.clips.fresh('ts')
  await writeFile(
    path,
    Buffer.concat(packets.filter((packet) => (packet.readUInt16BE(1) & 0x1fff) !== unsent)),
  )
  const { sources, outputs } = await workspace.render(RECIPE, [path])
  expect(sources[0]).toMatchObject({ video: { width: 96 }, audio: { channels: 1 } })
  expect(outputs[0]?.seconds).toBeCloseTo(2, 0)
})

test.each(['bumper', 'watermark'])(
  'an animated WebP as a %s is refused, and not called the source',
  async (kind) => {
    const image = { upload_id: '00000000-0000-4000-8000-000000000000' }
    const recipe = kind === 'bumper' ? { bumper: { intro: { seconds: 1, image } } } : { watermark: { image } }
    const uploads = [await created('webp', [VIDEO], [])]
    const path = await workspace.clips.clip()
    await expect(workspace.render({ ...RECIPE, ...recipe }, [path], { uploads })).rejects.toMatchObject({
      code: 'media.unreadable',
      message: expect.stringContaining('Cannot use an image: it is an animated WebP, which is not supported'),
    })
  },
)

test('what is wrong with a bumper clip is not blamed on the source', async () => {
  const clip = { upload_id: '00000000-0000-4000-8000-000000000000' }
  const uploads = [await created('avi', [VIDEO], ['-c:v', 'cinepak', '-frames:v', '1'])]
  const path = await workspace.clips.clip()
  const rendered = workspace.render({ ...RECIPE, bumper: { intro: { seconds: 1, clip } } }, [path], {
    uploads,
  })
  await expect(rendered).rejects.toMatchObject({
    code: 'media.unreadable',
    message:
      'Cannot use the bumper clip: the codec cinepak is not supported. Convert it first, for example to MP4 with H.264 and AAC.',
  })
})

test('Dolby Vision without another base layer is refused where it would be encoded', async () => {
  const hevc = ['-c:v', 'libx265', '-x265-params', 'log-level=error', '-tag:v', 'hvc1']
  const path = await created('mp4', ['testsrc2=s=96x64:r=24:d=0.5', 'sine=d=0.5'], [...hevc, '-c:a', 'aac'])
  const bytes = await readFile(path)
  // In place of the boxes fiel, pasp and btrt: the configuration of profile 5, and free bytes.
  const at = bytes.indexOf(Buffer.from('0000000a6669656c', 'hex'))
  const configuration = Buffer.alloc(46)
  configuration.write('000000206476634301000a0d', 0, 'hex')
  configuration.write('0000000e66726565', 32, 'hex')
  configuration.copy(bytes, at)
  await writeFile(path, bytes)
  await expect(workspace.render(RECIPE, [path])).rejects.toMatchObject({
    code: 'media.impossible',
    message: expect.stringContaining('Dolby Vision of profile 5'),
  })
  const { outputs } = await workspace.render({ output: { format: 'mp3' } }, [path])
  expect(outputs[0]?.audio_codec).toBe('mp3')
})

test('a crop that Matroska asks for is ignored by all versions of ffmpeg alike', async () => {
  const columns = '[a][b][c]hstack=3'
  const sides = ['red', 'lime', 'blue'].map((colour, i) => `color=${colour}:s=32x48:r=24:d=1[${'abc'[i]}]`)
  const path = await created(
    'mkv',
    [[...sides, columns].join(';')],
    ['-c:v', 'libx264', '-pix_fmt', 'yuv420p'],
  )
  const bytes = await readFile(path)
  // In place of DefaultDuration, in front of the element Video: PixelCropLeft and PixelCropRight at its end, both 32.
  const at = bytes.indexOf(Buffer.from('23e38384', 'hex'))
  const video = Buffer.from(bytes.subarray(at + 8, at + 19))
  video[1] = (video[1] ?? 0) + 8
  video.copy(bytes, at)
  bytes.write('54cc812054dd8120', at + 11, 'hex')
  await writeFile(path, bytes)
  const { outputs } = await workspace.render({ output: { quality: 'draft' } }, [path])
  expect(outputs[0]).toMatchObject({ width: 96, height: 48 })
  const raw = workspace.clips.fresh('rgb')
  const thirds = ['-vf', 'format=rgb24,scale=3:1:flags=neighbor', '-frames:v', '1', '-f', 'rawvideo', raw]
  await ffmpeg(['-i', outputs[0]?.path ?? '', ...thirds])
  const brightest = [...(await readFile(raw))].flatMap((value, i) => (value > 200 ? [i] : []))
  expect(brightest).toEqual([0, 4, 8])
})
