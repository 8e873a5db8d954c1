import { readFile, writeFile } from 'node:fs/promises'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { beepsOf, flashesAndBeeps } from '../testing/flashes-and-beeps.ts'
import { type MediaWorkspace, measure, openMediaWorkspace } from '../testing/media-workspace.ts'
import { countingVideo, shownFrames } from '../testing/shown-frames.ts'

let workspace: MediaWorkspace
beforeAll(async () => {
  workspace = await openMediaWorkspace()
})
afterAll(() => workspace.clips.remove())

const output = { format: 'mp4', crf: 1 } as const
const TONE = (seconds: number) => ['-f', 'lavfi', '-i', `sine=d=${seconds}`]
/** A beep at the start of every second. */
const BEEPS = (seconds: number) => flashesAndBeeps(seconds).slice(-4)
const H264 = ['-c:v', 'libx264', '-qp', '1', '-pix_fmt', 'yuv420p', '-preset', 'veryfast']
const VP8 = ['-c:v', 'libvpx', '-b:v', '4M', '-crf', '4', '-deadline', 'realtime', '-cpu-used', '8']

const generated = (extension: string, args: string[]) => workspace.clips.generated(extension, args)

/** The numbers of the frames that a trim shows. */
async function trimmed(path: string, start: number, duration: number): Promise<number[]> {
  const { outputs } = await workspace.render({ output, trims: [{ start, duration }] }, [path])
  return shownFrames(outputs[0]?.path)
}

/** Frame numbers from their brightness, which lossy video keeps to within one. */
function expectFrames(shown: number[], expected: number[]) {
  expect(shown).toHaveLength(expected.length)
  const wrong = shown.filter((frame, i) => Math.abs(frame - (expected[i] ?? Number.NaN)) > 1)
  expect(wrong).toEqual([])
}

const range = (from: number, count: number) => Array.from({ length: count }, (_, i) => from + i)

describe('a trim shows its own frames from the first on', () => {
  const longGop = ['-g', '300', '-sc_threshold', '0']
  test.each([
    ['a transport stream', 'ts', [...H264, '-g', '60']],
    ['a transport stream that starts late', 'ts', [...H264, '-g', '60', '-output_ts_offset', '3010']],
    ['a transport stream with a single key frame', 'ts', [...H264, ...longGop]],
    ['HEVC in a transport stream', 'm2ts', HEVC(120)],
    ['MPEG-2 in a transport stream', 'mts', ['-c:v', 'mpeg2video', '-q:v', '1', '-g', '30', '-c:a', 'mp2']],
    ['a program stream', 'vob', ['-c:v', 'mpeg2video', '-q:v', '1', '-g', '30', '-c:a', 'mp2']],
    ['MP4', 'mp4', [...H264, '-g', '60']],
    ['Matroska', 'mkv', [...H264, '-g', '60']],
    // Without B-frames, which would delay the whole video: there is no edit list to make up for that.
    ['fragmented MP4', 'mp4', [...H264, '-bf', '0', '-g', '60', '-movflags', 'frag_keyframe+empty_moov']],
  ])('%s', async (_, extension, options) => {
    const path = await generated(extension, [...countingVideo(6), ...TONE(6), ...options])
    expectFrames(await trimmed(path, 0.9, 1), range(27, 30))
    expectFrames(await trimmed(path, 2.5, 1), range(75, 30))
    expectFrames(await trimmed(path, 4.5, 1), range(135, 30))
  })

  test('WebM of a recorder, without cues and duration', async () => {
    const options = [...VP8, '-g', '60', '-live', '1']
    const path = await generated('webm', [...countingVideo(6), ...TONE(6), ...options])
    expectFrames(await trimmed(path, 4.5, 1), range(135, 30))
  })
})

describe('a trim of slow frames begins and ends between them, with its audio', () => {
  test.each([
    ['MP4', 'mp4', H264],
    ['a transport stream', 'ts', H264],
    ['WebM', 'webm', VP8],
  ])('%s', async (_, extension, options) => {
    const path = await generated(extension, [...countingVideo(10, 1), ...BEEPS(10), ...options])
    const { outputs } = await workspace.render({ output, trims: [{ start: 0.5, duration: 1.5 }] }, [path])
    expect(await shownFrames(outputs[0]?.path)).toEqual([...Array(5).fill(0), ...Array(10).fill(1)])
    const { videoSeconds, audioSeconds } = await measure(outputs[0]?.path)
    expect([videoSeconds, audioSeconds]).toEqual([expect.closeTo(1.5, 2), expect.closeTo(1.5, 2)])
    expect(await beepsOf(outputs[0]?.path)).toEqual([expect.closeTo(0.5, 1)])
  })

  test('also joined, in the last frame, and as parts', async () => {
    const path = await generated('mp4', [...countingVideo(6, 1), ...BEEPS(6), ...H264])
    const trims = [
      { start: 5.3, duration: 0.5 },
      { start: 1.5, duration: 1 },
    ]
    const { outputs } = await workspace.render({ output, trims }, [path, path])
    expect(await shownFrames(outputs[0]?.path)).toEqual([
      5,
      5,
      5,
      5,
      5,
      ...Array(5).fill(1),
      ...Array(5).fill(2),
    ])
    const parts = await workspace.render({ output, split: { every: 2.5 } }, [path])
    expect(parts.outputs.map(({ seconds }) => seconds)).toEqual(
      [2.5, 2.5, 1].map((each) => expect.closeTo(each, 1)),
    )
  })

  test('what runs past the end by less than a frame is refused', async () => {
    const path = await generated('mp4', [...countingVideo(4, 1), ...H264])
    await expect(
      workspace.render({ output, trims: [{ start: 2, duration: 2.5 }] }, [path]),
    ).rejects.toMatchObject({ code: 'media.impossible' })
  })
})

test.each([
  ['H.264 with a B-frame', [...H264, '-bf', '1']],
  ['H.264 with B-frames that are references', [...H264, '-bf', '3']],
  ['MPEG-4 with B-frames', ['-c:v', 'mpeg4', '-vtag', 'XVID', '-bf', '2', '-q:v', '1']],
])('AVI, which says only when frames are decoded, with %s', async (_, options) => {
  const path = await generated('avi', [...countingVideo(6), ...TONE(6), ...options, '-g', '30'])
  const { outputs } = await workspace.render({ output }, [path])
  expectFrames((await shownFrames(outputs[0]?.path)).slice(0, 178), range(0, 178))
  expectFrames(await trimmed(path, 0, 0.5), range(0, 15))
  expectFrames(await trimmed(path, 1, 0.5), range(30, 15))
  expectFrames(await trimmed(path, 4.5, 0.5), range(135, 15))
})

test.each([0.3, 1.2])(
  'a transport stream whose second audio track begins %s s before all else',
  async (late) => {
    const later = (input: string[]) => ['-itsoffset', String(late), ...input]
    const path = await generated('ts', [
      ...[...later(countingVideo(4)), ...later(TONE(4)), ...TONE(1)],
      ...['-map', '0', '-map', '1', '-map', '2', ...H264, '-g', '15'],
    ])
    const { outputs, sources } = await workspace.render({ output }, [path])
    expect(sources[0]?.duration).toBeCloseTo(4, 1)
    // The audio begins some hundredths of a second before the video.
    expectFrames((await shownFrames(outputs[0]?.path)).slice(0, 119), range(0, 119))
    expectFrames(await trimmed(path, 0.5, 0.5), range(15, 15))
    expectFrames(await trimmed(path, 3, 0.5), range(90, 15))
  },
)

test.each(['0', '3010'])(
  'audio of a transport stream whose first timestamps are near %s, behind an unused track that begins earlier',
  async (offset) => {
    const path = await generated('ts', [
      ...['-itsoffset', '0.7', ...BEEPS(6), ...TONE(1), '-map', '0', '-map', '1', '-c:a', 'mp2'],
      ...['-output_ts_offset', offset],
    ])
    const render = { output: { format: 'wav' } as const, trims: [{ start: 3.5, duration: 2 }] }
    const { outputs } = await workspace.render(render, [path])
    expect(await beepsOf(outputs[0]?.path)).toEqual([expect.closeTo(0.5, 1), expect.closeTo(1.5, 1)])
  },
)

describe('a trim of what cannot simply be sought shows its own frames', () => {
  test.each([
    ['a transport stream without full key frames', 'ts', 'intra-refresh=1:keyint=60', 6, 4.5],
    ['MP4 without full key frames', 'mp4', 'intra-refresh=1:keyint=60', 6, 4.5],
    [
      'a transport stream with one key frame, from 12 s on',
      'ts',
      'keyint=infinite:scenecut=0:bframes=0',
      14,
      12,
    ],
  ])('%s', async (_, extension, parameters, seconds, start) => {
    const options = [...H264, '-x264-params', parameters]
    const path = await generated(extension, [...countingVideo(seconds, 15), ...TONE(seconds), ...options])
    expectFrames(await trimmed(path, start, 1), range(start * 15, 15))
  })

  test.each(['h264', 'hevc'])('raw %s', async (format) => {
    const encoder = format === 'h264' ? H264 : HEVC(30)
    const path = await generated(format, [...countingVideo(4, 25), ...encoder])
    expectFrames(await trimmed(path, 2, 1), range(50, 25))
  })

  test.each([
    ['MPEG-2', 'm2v', ['-c:v', 'mpeg2video', '-bf', '2']],
    ['MPEG-2 without delay', 'm2v', ['-c:v', 'mpeg2video', '-flags', '+low_delay']],
    ['MPEG-1', 'm1v', ['-c:v', 'mpeg1video', '-bf', '2']],
  ])('raw %s, to the frame', async (_, extension, options) => {
    const path = await generated(extension, [...countingVideo(4, 25), ...options, '-q:v', '1', '-g', '12'])
    const { outputs } = await workspace.render({ output }, [path])
    expect(await shownFrames(outputs[0]?.path)).toEqual(range(0, 100))
    expect(await trimmed(path, 2.52, 1)).toEqual(range(63, 25))
    expect(await trimmed(path, 0, 1)).toEqual(range(0, 25))
  })
})

function HEVC(keyint: number): string[] {
  return ['-c:v', 'libx265', '-x265-params', `keyint=${keyint}:qp=4:log-level=error`, '-pix_fmt', 'yuv420p']
}

describe('a trim starts with the frame that is on screen there', () => {
  /** Frames 0 to 60 within two seconds, then none until frame 180 at 6 s. */
  const stillScene = (extension: string, options: string[]) =>
    generated(extension, [
      ...countingVideo(7),
      ...TONE(7),
      ...['-vf', "select='lte(n,60)+gte(n,180)'", '-fps_mode', 'vfr', ...options],
    ])
  test.each([
    ['MP4', 'mp4', H264],
    ['MP4 with a key frame behind the still scene', 'mp4', [...H264, '-force_key_frames', '6']],
    ['Matroska', 'mkv', [...H264, '-force_key_frames', '6']],
    ['WebM', 'webm', VP8],
    ['a transport stream', 'ts', [...H264, '-force_key_frames', '6']],
    ['fragmented MP4', 'mp4', [...H264, '-force_key_frames', '6', '-movflags', 'frag_keyframe+empty_moov']],
  ])('within a still scene of %s', async (_, extension, options) => {
    const path = await stillScene(extension, options)
    const inside = await trimmed(path, 3, 2)
    expectFrames(inside, Array<number>(inside.length).fill(60))
    const over = await trimmed(path, 5, 1.5)
    const third = Math.floor(over.length / 3)
    expectFrames(over.slice(0, third), Array<number>(third).fill(60))
    expect(over.at(-1)).toBeGreaterThan(185)
  })

  test('in a GIF and on its poster', async () => {
    const path = await stillScene('mp4', [...H264, '-force_key_frames', '6'])
    const { outputs } = await workspace.render(
      { output: { format: 'gif' }, trims: [{ start: 3, duration: 1 }], thumbnails: { poster: { at: 0 } } },
      [path],
    )
    for (const { path: file } of outputs) {
      for (const frame of await shownFrames(file)) expect(Math.abs(frame - 60)).toBeLessThan(4)
    }
  })

  test.each([
    ['MP4', 'mp4', H264],
    ['Matroska', 'mkv', H264],
    ['a transport stream', 'ts', H264],
    ['WebM of a recorder', 'webm', [...VP8, '-live', '1']],
  ])('behind the last frame of %s', async (_, extension, options) => {
    const path = await generated(extension, [...countingVideo(2), ...TONE(12), ...options])
    expectFrames(await trimmed(path, 5, 2), Array<number>(60).fill(59))
    expectFrames(await trimmed(path, 1.99, 1), Array<number>(30).fill(59))
    const colour = { width: 64, height: 100, background: '#ff0000' } as const
    const { outputs } = await workspace.render(
      { frame: colour, output, trims: [{ start: 8, duration: 1 }] },
      [path],
    )
    expect(await measure(outputs[0]?.path)).toMatchObject({ frames: 30 })
  })
})

describe('transport streams that were joined byte by byte', () => {
  test.each([
    ['start anew', []],
    ['jump by a minute', ['-output_ts_offset', '60']],
  ])('all of the content is in the result when timestamps %s', async (_, options) => {
    const first = await generated('ts', [...countingVideo(3), ...TONE(3), ...H264])
    const second = await generated('ts', [...countingVideo(3), ...TONE(3), ...H264, ...options])
    const path = workspace.clips.fresh('ts')
    await writeFile(path, Buffer.concat([await readFile(first), await readFile(second)]))
    const { outputs, sources } = await workspace.render({ output }, [path])
    expect((await measure(outputs[0]?.path)).videoSeconds).toBeCloseTo(6, 0)
    expect(sources[0]?.warnings).toContainEqual(expect.objectContaining({ code: 'timestamps_jump' }))
    const shown = await trimmed(path, 4, 1)
    expect(shown).toHaveLength(30)
    // Where one stream ends before the other, the second half starts some frames later.
    for (const [i, frame] of shown.entries()) expect(Math.abs(frame - (30 + i))).toBeLessThanOrEqual(4)
  })

  test('packets of the first file behind the first ones of the second leave no hole', async () => {
    // ffmpeg gives out AC-3 late.
    const args = [...countingVideo(3), ...TONE(3), ...H264, '-c:a', 'ac3']
    const bytes = await readFile(await generated('ts', args))
    const path = workspace.clips.fresh('ts')
    await writeFile(path, Buffer.concat(Array<Buffer>(4).fill(bytes)))
    const { outputs } = await workspace.render({ output }, [path])
    const { videoSeconds, audioSeconds } = await measure(outputs[0]?.path)
    expect(videoSeconds).toBeCloseTo(12, 0)
    expect(audioSeconds).toBeCloseTo(12, 0)
    // From further on than the longest gap that ffmpeg would keep.
    const shown = await trimmed(path, 10.5, 1)
    for (const [i, frame] of shown.entries()) expect(Math.abs(frame - (45 + i))).toBeLessThanOrEqual(6)
    // The gap is that of the whole run: others must not start anew because of it.
    const other = await generated('ts', [...countingVideo(6), ...TONE(6), ...H264, '-g', '300'])
    const trims = [
      { start: 4, duration: 1 },
      { start: 4.5, duration: 1 },
    ]
    const joined = await workspace.render({ output, trims }, [path, other])
    expectFrames((await shownFrames(joined.outputs[0]?.path)).slice(30), range(135, 30))
  })
})

test('Ogg files that follow each other in one are all read', async () => {
  const pitches = await Promise.all(
    [300, 600].map((pitch) =>
      generated('ogg', ['-f', 'lavfi', '-i', `sine=f=${pitch}:d=3`, '-c:a', 'libopus']),
    ),
  )
  const path = workspace.clips.fresh('ogg')
  await writeFile(path, Buffer.concat(await Promise.all(pitches.map((each) => readFile(each)))))
  const { outputs } = await workspace.render({ output: { format: 'wav' } }, [path])
  expect((await measure(outputs[0]?.path)).audioSeconds).toBeCloseTo(6, 0)
})

test('a trim of compressed WAV is where it should be, whatever bit rate its header states', async () => {
  const beeps = `aevalsrc='0.5*sin(2*PI*1000*t)*lt(mod(t,1),0.1)':s=48000:d=6`
  const path = await generated('wav', ['-f', 'lavfi', '-i', beeps, '-c:a', 'adpcm_ima_wav'])
  const trims = [{ start: 2.5, duration: 2 }]
  const { outputs } = await workspace.render({ output: { format: 'wav' }, trims }, [path])
  expect(await beepsOf(outputs[0]?.path)).toEqual([expect.closeTo(0.5, 1), expect.closeTo(1.5, 1)])
})
