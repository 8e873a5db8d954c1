import { readFile, writeFile } from 'node:fs/promises'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { ffmpeg } from '#test/clips.ts'
import { type MediaWorkspace, measure, openMediaWorkspace } from '../../testing/media-workspace.ts'
import { fileInput } from '../media-input.ts'

let workspace: MediaWorkspace
beforeAll(async () => {
  workspace = await openMediaWorkspace()
})
afterAll(() => workspace.clips.remove())

const generated = (extension: string, args: string[]) => workspace.clips.generated(extension, args)

const probed = (path: string) => workspace.engine.probe(fileInput(path), AbortSignal.timeout(60_000))
const VIDEO = (seconds: number) => ['-f', 'lavfi', '-i', `testsrc2=s=96x64:r=30:d=${seconds}`]
const TONE = (seconds: number) => ['-f', 'lavfi', '-i', `sine=d=${seconds}`]
/** Silence first, or last: a bit rate guessed from either end is far off. */
const UNEVEN = (when: string) => [
  ...['-f', 'lavfi', '-i'],
  `aevalsrc='if(${when},0,0.5*sin(2*PI*440*t)+0.2*(random(0)-0.5))':s=44100:d=12`,
]
const FRAME = { width: 96, height: 64 }
const VP8 = ['-c:v', 'libvpx', '-b:v', '300k', '-deadline', 'realtime']

describe('audio without an index lasts as long as its packets', () => {
  test.each([
    ['aac', 'lt(t,4)', ['-b:a', '128k']],
    ['aac', 'gt(t,8)', ['-b:a', '128k']],
    ['mp3', 'gt(t,6)', ['-q:a', '2', '-write_xing', '0']],
    ['mp3', 'lt(t,6)', ['-q:a', '2', '-write_xing', '0']],
    ['ac3', 'lt(t,4)', []],
    ['eac3', 'lt(t,4)', []],
    ['dts', 'lt(t,4)', ['-c:a', 'dca', '-strict', '-2', '-ar', '48000']],
  ])('%s, silent where %s', async (extension, when, options) => {
    const path = await generated(extension, [...UNEVEN(when), ...options])
    expect((await probed(path)).duration).toBeCloseTo(12, 0)
    const { outputs } = await workspace.render({ output: { format: 'wav' } }, [path])
    expect(Math.abs((outputs[0]?.seconds ?? 0) - 12)).toBeLessThan(0.1)
    await expect(
      workspace.render({ output: { format: 'wav' }, trims: [{ start: 10, duration: 1 }] }, [path]),
    ).resolves.toMatchObject({ outputs: [{ seconds: 1 }] })
  })
})

test('MP3 to which a little was appended lasts as long as both', async () => {
  const parts = await Promise.all([24, 1].map((seconds) => generated('mp3', TONE(seconds))))
  const path = workspace.clips.fresh('mp3')
  await writeFile(path, Buffer.concat(await Promise.all(parts.map((part) => readFile(part)))))
  const { outputs } = await workspace.render({ output: { format: 'wav' } }, [path])
  expect(Math.abs((outputs[0]?.seconds ?? 0) - 25)).toBeLessThan(0.2)
})

test.each([
  ['constant bit rate', []],
  ['variable bit rate', ['-q:a', '2']],
])('MP3 with %s of which a little was cut off lasts as long as the rest', async (_, options) => {
  const bytes = await readFile(await generated('mp3', [...UNEVEN('lt(t,1)'), ...options]))
  const path = workspace.clips.fresh('mp3')
  await writeFile(path, bytes.subarray(0, Math.floor(bytes.length * 0.96)))
  const { outputs } = await workspace.render({ output: { format: 'wav' } }, [path])
  const { duration } = await probed(path)
  expect(duration).toBeLessThan(11.7)
  expect(Math.abs((outputs[0]?.seconds ?? 0) - duration)).toBeLessThan(0.1)
})

describe('what follows in a file that cannot be read as part of it', () => {
  const part = (extension: string, options: string[] = []) =>
    generated(extension, [...VIDEO(3), ...TONE(3), '-c:v', 'libx264', '-ar', '44100', ...options])
  const OTHER_PIDS = ['-mpegts_start_pid', '0x300']

  test.each([
    ['of a transport stream with other PIDs', 'ts', OTHER_PIDS],
    ['of a second FLV file', 'flv', []],
  ])('is not left out silently: %s', async (_, extension, options) => {
    const parts = [await part(extension), await part(extension, options)]
    const path = workspace.clips.fresh(extension)
    await writeFile(path, Buffer.concat(await Promise.all(parts.map((each) => readFile(each)))))
    await expect(probed(path)).rejects.toMatchObject({
      code: 'media.unreadable',
      message: expect.stringMatching(/after 3\.\d s it continues as another file/),
    })
  })

  test.each([
    ['of the same length', 3, 44_100],
    ['with another sample rate', 2, 48_000],
  ])('is not left out silently: of a second FLAC file %s', async (_, seconds, rate) => {
    const parts = [
      await generated('flac', TONE(3)),
      await generated('flac', [...TONE(seconds), '-ar', String(rate)]),
    ]
    const path = workspace.clips.fresh('flac')
    await writeFile(path, Buffer.concat(await Promise.all(parts.map((each) => readFile(each)))))
    await expect(probed(path)).rejects.toMatchObject({
      code: 'media.unreadable',
      message: expect.stringMatching(/after [23]\.\d s it continues as another file/),
    })
    expect(await probed(parts[1] as string)).toMatchObject({ duration: seconds })
  })

  test('each of them alone is read', async () => {
    for (const path of [await part('ts', OTHER_PIDS), await part('flv')]) {
      expect((await probed(path)).duration).toBeCloseTo(3, 0)
    }
  })
})

describe('fragmented MP4', () => {
  const FRAGMENTS = ['-movflags', 'frag_keyframe+empty_moov', '-g', '30']

  test('lasts as long as its packets', async () => {
    const path = await generated('mp4', [...VIDEO(4), ...TONE(4), ...FRAGMENTS])
    // Without an edit list, B-frames delay the video, and the encoder the audio.
    expect(Math.abs((await probed(path)).duration - 4)).toBeLessThan(0.1)
  })

  test('joined byte by byte is refused with the place where its time starts anew', async () => {
    const path = await generated('mp4', [...VIDEO(4), ...TONE(4), ...FRAGMENTS])
    const bytes = await readFile(path)
    const twice = workspace.clips.fresh('mp4')
    await writeFile(twice, Buffer.concat([bytes, bytes.subarray(bytes.indexOf('moof') - 4)]))
    await expect(probed(twice)).rejects.toMatchObject({
      code: 'media.unreadable',
      message: expect.stringMatching(/after 4\.\d s/),
    })
  })
})

describe('a recording lasts from its earliest start to its latest end', () => {
  /** Live WebM, as a browser writes it: 2 s of video from `late` on beside 5 s of audio. */
  async function recording(late: number, options: string[]) {
    const video = await generated('webm', [...VIDEO(2), ...VP8])
    const audio = await generated('webm', [...TONE(5), '-c:a', 'libopus'])
    const copies = ['-itsoffset', String(late), '-i', video, '-i', audio, '-c', 'copy', ...options]
    return generated('webm', copies)
  }

  async function expectFiveSeconds(path: string) {
    const { outputs, sources } = await workspace.render({ output: { format: 'mp4' } }, [path])
    const { videoSeconds, audioSeconds } = await measure(outputs[0]?.path)
    for (const seconds of [videoSeconds, audioSeconds, sources[0]?.duration]) {
      expect(Math.abs((seconds ?? 0) - 5)).toBeLessThan(0.1)
    }
  }

  test('when the screen stands still before the end', async () => {
    await expectFiveSeconds(await recording(0, ['-live', '1']))
  })

  test('when its video begins late', async () => {
    await expectFiveSeconds(await recording(2, ['-live', '1']))
  })

  test('when only the duration of the whole was put in afterwards', async () => {
    const bytes = await readFile(await recording(0, []), 'latin1')
    const path = workspace.clips.fresh('webm')
    await writeFile(path, bytes.replaceAll('DURATION', 'XURATION'), 'latin1')
    await expectFiveSeconds(path)
    const { outputs } = await workspace.render(
      { output: { format: 'mp4' }, trims: [{ start: 3, duration: 1 }] },
      [path],
    )
    expect(await measure(outputs[0]?.path)).toMatchObject({ frames: 30 })
  })
})

describe('Matroska whose header states another duration lasts as long as its content', () => {
  /** A copy of a file of 3 s whose header states others, and whose streams state theirs or none. */
  async function restated(source: string, seconds: number, statesStreams: boolean) {
    const bytes = await readFile(source)
    bytes.writeDoubleBE(seconds * 1000, bytes.indexOf(DURATION_ELEMENT) + DURATION_ELEMENT.length)
    const path = workspace.clips.fresh('webm')
    const text = bytes.toString('latin1')
    await writeFile(path, statesStreams ? text : text.replaceAll('DURATION', 'XURATION'), 'latin1')
    return path
  }
  /** The id of the element, and that its 8 bytes follow. */
  const DURATION_ELEMENT = Buffer.from([0x44, 0x89, 0x88])

  test.each([
    ['longer, in video alone', 5, false, [...VIDEO(3), ...VP8]],
    ['shorter, in audio alone', 1.5, false, [...TONE(3), '-c:a', 'libopus']],
    ['longer than the streams', 5, true, [...VIDEO(3), ...TONE(3), ...VP8, '-c:a', 'libopus']],
    ['shorter than the streams', 1.5, true, [...VIDEO(3), ...VP8]],
  ])('%s', async (_, seconds, statesStreams, args) => {
    const path = await restated(await generated('webm', args), seconds, statesStreams)
    expect((await probed(path)).duration).toBeCloseTo(3, 1)
  })
})

describe('a file that does not begin at 0 lasts as long as its content', () => {
  /** The second half of 6 s, with the timestamps that it had. */
  const tail = async (extension: string, options: string[]) => {
    const whole = await generated('mp4', [...VIDEO(6), ...TONE(6), '-g', '30'])
    return generated(extension, [
      ...['-copyts', '-ss', '3', '-i', whole, ...options, '-c', 'copy', '-avoid_negative_ts', 'disabled'],
    ])
  }

  test.each([
    ['mkv', []],
    ['mp4', ['-movflags', 'frag_keyframe+empty_moov']],
    ['ts', []],
  ])('%s', async (extension, options) => {
    const path = await tail(extension, options)
    const { outputs } = await workspace.render({ output: { format: 'mp4', quality: 'draft' } }, [path])
    const { videoSeconds, audioSeconds } = await measure(outputs[0]?.path)
    expect(Math.abs(videoSeconds - 3)).toBeLessThan(0.15)
    expect(Math.abs(audioSeconds - 3)).toBeLessThan(0.15)
  })

  test('fragmented MP4 that counts from 1970 on', async () => {
    const bytes = await readFile(
      await generated('mp4', [...VIDEO(3), '-movflags', 'frag_keyframe+empty_moov']),
    )
    // The version of a track fragment's decode time, and the time itself, which ffmpeg writes in 1/15360 s at 30 fps.
    for (let at = bytes.indexOf('tfdt'); at >= 0; at = bytes.indexOf('tfdt', at + 4)) {
      bytes.writeBigUInt64BE(bytes.readBigUInt64BE(at + 8) + 1_764_000_000n * 15_360n, at + 8)
    }
    const path = workspace.clips.fresh('mp4')
    await writeFile(path, bytes)
    const trims = [{ start: 1, duration: 1 }]
    const { sources, outputs } = await workspace.render({ output: { format: 'mp4' }, trims }, [path])
    expect(sources[0]?.duration).toBeCloseTo(3, 0)
    expect(await measure(outputs[0]?.path)).toMatchObject({ frames: 30 })
  })

  test('audio alone is not padded with silence', async () => {
    const path = await tail('mka', ['-vn'])
    const { outputs, sources } = await workspace.render({ output: { format: 'mp3' } }, [path])
    expect(Math.abs((outputs[0]?.seconds ?? 0) - 3)).toBeLessThan(0.15)
    expect(sources[0]?.start).toBeCloseTo(3, 0)
  })
})

describe('a video whose last frames follow a gap lasts until the last one was shown', () => {
  /** 2 s that move and `last` frames that end at 6 s, decoded ahead, so that the sum of decoding times lacks the gap. */
  const gap = (last: number, audio: string[] = []) => {
    const select = `select='lt(t,2)+gte(n,${180 - last})'`
    return generated('mp4', [...VIDEO(6), ...audio, '-vf', select, '-fps_mode', 'vfr'])
  }

  test.each([1, 2])('%i of them', async (last) => {
    const path = await gap(last)
    const found = await probed(path)
    expect(found).toMatchObject({ duration: 6, video: { duration: 6, variable_fps: true, peak_fps: 30 } })
    const { outputs } = await workspace.render({ output: { format: 'mp4' }, frame: FRAME }, [path])
    expect(await measure(outputs[0]?.path)).toMatchObject({ frames: 180 })
  })

  test('frames that are rare at the end', async () => {
    const select = "select='lt(t,2)+eq(n,80)+eq(n,110)+eq(n,140)+eq(n,179)'"
    const path = await generated('mp4', [...VIDEO(6), '-vf', select, '-fps_mode', 'vfr'])
    expect(await probed(path)).toMatchObject({ duration: 6, video: { duration: 6 } })
  })

  test('beside audio that ends before it', async () => {
    const path = await gap(1, TONE(1.5))
    expect(await probed(path)).toMatchObject({ duration: 6, video: { duration: 6 } })
  })

  test('when it is copied, and when a trim begins in the gap', async () => {
    const path = await gap(1)
    const { outputs } = await workspace.render({ output: { format: 'mp4' } }, [path])
    expect(outputs[0]?.seconds).toBeCloseTo(6, 1)
    const trims = [{ start: 3, duration: 2 }]
    const still = await workspace.render({ output: { format: 'mp4' }, trims }, [path])
    expect(await measure(still.outputs[0]?.path)).toMatchObject({ videoSeconds: 2 })
  })
})

describe('a last frame for which the container states no duration', () => {
  /** 2 s of black whose last frame is white, and lasts a single tick, beside 4 s of audio. */
  const white = async (fps: number, options: string[]) => {
    const video = await generated('mp4', [
      ...['-f', 'lavfi', '-i', `color=black:s=96x64:r=${fps}:d=2`],
      ...['-vf', `drawbox=c=white:t=fill:enable='gte(n,${2 * fps - 1})'`, '-bf', '0', '-g', '10'],
    ])
    const copied = ['-i', video, ...TONE(4), '-c:v', 'copy', '-bsf:v', 'setts=duration=1', ...options]
    return generated('mp4', copied)
  }

  test.each([
    ['fragmented MP4', ['-movflags', 'frag_keyframe+empty_moov']],
    ['MP4', []],
  ])('stands until the audio ends, in %s', async (_, options) => {
    const { outputs } = await workspace.render({ output: { format: 'mp4' }, frame: FRAME }, [
      await white(30, options),
    ])
    const levels = await levelsOf(outputs[0]?.path)
    expect(levels.length).toBeGreaterThanOrEqual(120)
    // AAC begins before 0 in fragmented MP4, which has no edit list, and delays the video by less than a frame.
    expect([59, 60]).toContain(levels.findIndex((level) => level > 128))
    expect(levels.at(-1)).toBeGreaterThan(128)
  })

  test('stands at whichever rate it is shown', async () => {
    const paths = [await white(30, []), await white(24, [])]
    const { outputs } = await workspace.render({ output: { format: 'mp4' }, frame: FRAME }, paths)
    const second = (await levelsOf(outputs[0]?.path)).slice(-120)
    expect(second.findIndex((level) => level > 128)).toBe(59)
    expect(second.at(-1)).toBeGreaterThan(128)
  })
})

/** The brightness of each frame. */
async function levelsOf(path = ''): Promise<number[]> {
  const raw = workspace.clips.fresh('gray')
  await ffmpeg(['-i', path, '-vf', 'scale=1:1,format=gray', '-an', '-f', 'rawvideo', raw])
  return [...(await readFile(raw))]
}
