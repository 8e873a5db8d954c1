import { execFile } from 'node:child_process'
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import type { Output } from '#shared/contract/recipe.ts'
import { ffmpeg, ffprobeLines } from '#test/clips.ts'
import { anUpload, type MediaWorkspace, measure, openMediaWorkspace } from '../testing/media-workspace.ts'

let workspace: MediaWorkspace
beforeAll(async () => {
  workspace = await openMediaWorkspace()
})
afterAll(() => workspace.clips.remove())

const run = promisify(execFile)

/** The colour, as [r, g, b], of a pixel at shares of the frame's sides. */
async function colourAt(path: string | undefined, across: number, down: number, second = 0) {
  const filter = `format=gbrp,format=rgb24,crop=2:2:iw*${across}:ih*${down}`
  const args = [
    '-v',
    'error',
    '-ss',
    String(second),
    '-i',
    path ?? '',
    '-vf',
    filter,
    '-frames:v',
    '1',
    '-f',
    'rawvideo',
    '-',
  ]
  const { stdout } = await run('ffmpeg', args, { encoding: 'buffer' })
  return [...stdout.subarray(0, 3)]
}
const near = (colour: number[]) => colour.map((value) => expect.closeTo(value, -1.05))

/** A clip, or an image, of one colour. */
async function plainColour(colour: string, size: string, ending: string, filter = '') {
  const still = ending === 'png' ? ['-frames:v', '1'] : ['-t', '1', '-preset', 'ultrafast']
  const source = `color=${colour}:size=${size}:rate=10${filter}`
  return workspace.clips.generated(ending, ['-f', 'lavfi', '-i', source, ...still])
}

describe('a trimmed clip comes out as', () => {
  const cases: [Partial<Output>, string | null, string | null][] = [
    [{ format: 'mp4', quality: 'draft' }, 'h264', 'aac'],
    [{ format: 'mp4', codec: 'hevc' }, 'hevc', 'aac'],
    [{ format: 'mp4', codec: 'av1' }, 'av1', 'aac'],
    [{ format: 'webm' }, 'vp9', 'opus'],
    [{ format: 'webm', codec: 'av1', quality: 'draft' }, 'av1', 'opus'],
    [{ format: 'mov', crf: 30 }, 'h264', 'aac'],
    [{ format: 'mkv', bitrate: 200 }, 'h264', 'aac'],
    [{ format: 'gif', fps: 10 }, 'gif', null],
    [{ format: 'gif', fps: 8 }, 'gif', null],
    [{ format: 'mp3', audio_bitrate: 96 }, null, 'mp3'],
    [{ format: 'm4a' }, null, 'aac'],
    [{ format: 'ogg', audio_bitrate: 320 }, null, 'opus'],
    [{ format: 'wav', sample_rate: 22_050, channels: 1 }, null, 'pcm_s16le'],
  ]
  test.each(cases)('%j', async (output, video, audio) => {
    const path = await workspace.clips.clip()
    const { outputs } = await workspace.render({ output, trims: [{ start: 0.5, duration: 1 }] }, [path])
    expect(outputs).toMatchObject([
      { name: `output.${output.format}`, video_codec: video, audio_codec: audio },
    ])
    expect(outputs[0]?.seconds).toBeCloseTo(1, 0)
  })
})

test('streams that fit are copied, to the byte', async () => {
  const path = await workspace.clips.clip()
  const { outputs } = await workspace.render({ output: { format: 'mkv' } }, [path])
  const frames = async (file: string) =>
    (await run('ffmpeg', ['-v', 'error', '-i', file, '-map', '0', '-c', 'copy', '-f', 'streamhash', '-']))
      .stdout
  expect(await frames(outputs[0]?.path ?? '')).toBe(await frames(path))
})

test('audio of another codec than its container claims is encoded after all', async () => {
  const layerTwo = workspace.clips.fresh('mp4')
  // 0x6b, which MP4 has for MP3, stands for every layer of MPEG-1 audio.
  const mislabelled = ['-c:v', 'copy', '-c:a', 'mp2', '-tag:a', 'mp4a', '-f', 'mp4']
  await ffmpeg(['-i', await workspace.clips.clip(), ...mislabelled, layerTwo])
  const { sources, outputs } = await workspace.render({ output: { format: 'mp3' } }, [layerTwo])
  expect(sources[0]?.audio?.codec).toBe('mp3')
  expect(outputs[0]).toMatchObject({ audio_codec: 'mp3' })
})

test('several results come from one decode, each at its own size and rate', async () => {
  const path = await workspace.clips.clip({ size: '128x72' })
  const { outputs } = await workspace.render(
    { outputs: [{}, { name: 'small', width: 64, fps: 12 }, { format: 'webm' }, { format: 'mp3' }] },
    [path],
  )
  expect(outputs).toMatchObject([
    { name: 'output.mp4', width: 128, fps: 24 },
    { name: 'small.mp4', width: 64, height: 36, fps: 12 },
    { name: 'output.webm', width: 128 },
    { name: 'output.mp3', width: null },
  ])
})

test('a slower result ends with the others, and not a frame later', async () => {
  const { outputs } = await workspace.render(
    { outputs: [{}, { name: 'slow', fps: 12 }], trims: [{ duration: 2 }] },
    [await workspace.clips.clip({ fps: '24000/1001', seconds: 3 })],
  )
  expect((await measure(outputs[0]?.path)).frames).toBe(48)
  expect((await measure(outputs[1]?.path)).frames).toBe(24)
})

describe('the frame', () => {
  test('pads with exactly the colour asked for, HD or not', async () => {
    const path = await plainColour('white', '1280x720', 'mp4')
    for (const frame of [
      { width: 640, height: 640 },
      { width: 64, height: 64 },
    ]) {
      const { outputs } = await workspace.render({ frame: { ...frame, background: '#c02040' } }, [path])
      expect(await colourAt(outputs[0]?.path, 0.5, 0.05)).toEqual(near([0xc0, 0x20, 0x40]))
      expect(await colourAt(outputs[0]?.path, 0.5, 0.5)).toEqual(near([255, 255, 255]))
    }
  })

  test('enlarges video only on request', async () => {
    const path = await plainColour('white', '32x32', 'mp4')
    const corner = async (frame: object) => {
      const { outputs } = await workspace.render({ frame: { width: 128, height: 128, ...frame } }, [path])
      return colourAt(outputs[0]?.path, 0.1, 0.1)
    }
    expect(await corner({})).toEqual(near([0, 0, 0]))
    expect(await corner({ upscale: true })).toEqual(near([255, 255, 255]))
    expect(await corner({ fit: 'crop' })).toEqual(near([0, 0, 0]))
    expect(await corner({ fit: 'stretch' })).toEqual(near([0, 0, 0]))
  })

  test('fills its bars with the video, blurred', async () => {
    const path = await plainColour('blue', '64x128', 'mp4')
    const { outputs } = await workspace.render({ frame: { width: 128, height: 128, background: 'blur' } }, [
      path,
    ])
    const [red, , blue] = await colourAt(outputs[0]?.path, 0.1, 0.5)
    expect(blue).toBeGreaterThan(150)
    expect(red).toBeLessThan(60)
  })

  test.each([
    ['left', { x: 0 }, [255, 0, 0]],
    ['right', { x: 1 }, [0, 0, 255]],
  ] as const)('keeps the %s part of wider video', async (_, position, colour) => {
    const halves = ',drawbox=x=64:w=64:h=64:c=blue:t=fill'
    const path = await plainColour('red', '128x64', 'mp4', halves)
    const frame = { aspect: '1:1', fit: 'crop', position } as const
    const { outputs } = await workspace.render({ frame }, [path])
    expect(outputs[0]).toMatchObject({ width: 64, height: 64 })
    for (const across of [0.1, 0.9]) {
      expect(await colourAt(outputs[0]?.path, across, 0.5)).toEqual(near([...colour]))
    }
  })

  test('of an aspect alone is the largest inside the video', async () => {
    const path = await workspace.clips.clip({ size: '128x96' })
    const { outputs } = await workspace.render({ frame: { aspect: '16:9', fit: 'crop' } }, [path])
    expect(outputs[0]).toMatchObject({ width: 128, height: 72 })
  })
})

describe('bumpers and watermark', () => {
  test("are the user's own image before, and clip after", async () => {
    const uploads = [await plainColour('red', '40x40', 'png'), await plainColour('lime', '64x36', 'mp4')]
    const bumper = {
      intro: { seconds: 0.5, image: anUpload(0) },
      outro: { seconds: 0.5, clip: anUpload(1) },
    }
    const { outputs } = await workspace.render({ bumper }, [await plainColour('white', '64x36', 'mp4')], {
      uploads,
    })
    const path = outputs[0]?.path
    expect(await measure(path)).toMatchObject({ frames: 20, videoSeconds: 2 })
    expect(await colourAt(path, 0.5, 0.5, 0.2)).toEqual(near([255, 0, 0]))
    expect(await colourAt(path, 0.5, 0.5, 1)).toEqual(near([255, 255, 255]))
    expect(await colourAt(path, 0.5, 0.5, 1.7)).toEqual(near([0, 255, 0]))
  })

  test('lie in the corner asked for, as transparent as asked, to the last frame', async () => {
    const watermark = { image: anUpload(0), corner: 'top_left', margin: 0, opacity: 0.5, width: 0.5 } as const
    const uploads = [await plainColour('black', '40x40', 'png')]
    const { outputs } = await workspace.render(
      { watermark },
      [await plainColour('white', '128x128', 'mp4')],
      {
        uploads,
      },
    )
    expect(await colourAt(outputs[0]?.path, 0.2, 0.2, 0.9)).toEqual(near([127, 127, 127]))
    expect(await colourAt(outputs[0]?.path, 0.8, 0.8, 0.9)).toEqual(near([255, 255, 255]))
  })

  test('are refused where their margin leaves no space for them', async () => {
    const uploads = [await plainColour('black', '40x40', 'png')]
    const watermark = { image: anUpload(0), margin: 60, width: 0.5 } as const
    await expect(
      workspace.render({ watermark }, [await workspace.clips.clip()], { uploads }),
    ).rejects.toMatchObject({
      code: 'media.impossible',
      message: expect.stringContaining('watermark'),
    })
  })

  test('that are not images are refused, and the source is not blamed', async () => {
    const none = workspace.clips.fresh('png')
    await writeFile(none, 'not an image, and nothing like one\n'.repeat(100))
    await expect(
      workspace.render({ watermark: { image: anUpload(0) } }, [await workspace.clips.clip()], {
        uploads: [none],
      }),
    ).rejects.toMatchObject({
      code: 'media.unreadable',
      message: expect.stringContaining('Cannot use an image'),
    })
  })

  test('transparent pixels of an image show the background', async () => {
    const uploads = [await plainColour('red@0.0', '40x40', 'png', ',format=rgba')]
    const frame = { width: 64, height: 64, background: '#2040ff' }
    const { outputs } = await workspace.render(
      { frame, bumper: { intro: { image: anUpload(0) } } },
      [await workspace.clips.clip()],
      { uploads },
    )
    expect(await colourAt(outputs[0]?.path, 0.5, 0.5, 0.2)).toEqual(near([0x20, 0x40, 0xff]))
  })
})

describe('audio', () => {
  test('is left out when muted', async () => {
    const { outputs } = await workspace.render({ audio: 'mute' }, [await workspace.clips.clip()])
    expect(outputs[0]).toMatchObject({ audio_codec: null, video_codec: 'h264' })
  })

  test('is brought to -16 LUFS, measured in the result; and measuring counts as progress', async () => {
    const quiet = await workspace.clips.clip({ seconds: 5, options: ['-af', 'volume=0.1'] })
    const reported: number[] = []
    const { outputs } = await workspace.render({ audio: 'normalize', output: { format: 'm4a' } }, [quiet], {
      onProgress: (percent) => reported.push(percent),
    })
    expect(outputs[0]?.loudness?.integrated).toBeCloseTo(-16, 0)
    expect(reported).toEqual([...new Set(reported)].toSorted((a, b) => a - b))
    expect(reported).toEqual(expect.arrayContaining([15, 99, 100]))
  })

  test('with peaks far above the rest comes to -16 LUFS all the same, its peaks below -1 dBTP', async () => {
    const calls = 'if(lt(t,6),0.06*lt(mod(t,2),0.5),0.01)*sin(2*PI*440*t)'
    const clicks = '0.5*lt(mod(t,3),0.0002)'
    const path = workspace.clips.fresh('wav')
    await ffmpeg(['-f', 'lavfi', '-i', `aevalsrc='${calls}+${clicks}':s=48000:d=12`, path])
    const { outputs } = await workspace.render({ audio: 'normalize', output: { format: 'wav' } }, [path])
    expect(outputs[0]?.loudness?.integrated).toBeGreaterThan(-16.5)
    expect(outputs[0]?.loudness?.integrated).toBeLessThan(-15.5)
    expect(outputs[0]?.loudness?.true_peak).toBeLessThan(-1)
  })

  test('that begins later than the video of a transport stream is measured where its clip is', async () => {
    const path = await workspace.clips.generated('ts', [
      ...['-f', 'lavfi', '-i', 'color=black:s=96x64:r=10:d=6'],
      ...['-f', 'lavfi', '-i', "aevalsrc='if(lt(t,2),0.02,0.6)*sin(2*PI*440*t)':d=4:s=48000"],
      ...['-af', 'asetpts=PTS+2/TB', '-c:v', 'libx264', '-c:a', 'aac'],
    ])
    const trims = [{ start: 0, duration: 4 }]
    const { outputs } = await workspace.render({ audio: 'normalize', trims }, [path])
    expect(outputs[0]?.loudness?.integrated).toBeCloseTo(-16, 0)
  })

  test('of a bumper clip is as loud as the rest, however loud either was', async () => {
    const loud = await workspace.clips.clip({ seconds: 3 })
    const quiet = await workspace.clips.clip({ seconds: 3, options: ['-af', 'volume=0.05'] })
    const { outputs } = await workspace.render(
      { audio: 'normalize', bumper: { outro: { clip: anUpload(0), seconds: 3 } }, output: { format: 'mkv' } },
      [quiet],
      { uploads: [loud] },
    )
    expect(outputs[0]?.loudness?.integrated).toBeCloseTo(-16, 0)
    const alone = await Promise.all(
      [0, 3].map(async (start) => {
        const half = workspace.clips.fresh('wav')
        await ffmpeg(['-ss', String(start), '-t', '3', '-i', outputs[0]?.path ?? '', half])
        const { stderr } = await run('ffmpeg', ['-nostdin', '-i', half, '-af', 'ebur128', '-f', 'null', '-'])
        return Number(
          stderr
            .match(/I:\s+(-?[\d.]+) LUFS/g)
            ?.at(-1)
            ?.match(/-?[\d.]+/)?.[0],
        )
      }),
    )
    expect(alone).toEqual([expect.closeTo(-16, 0), expect.closeTo(-16, 0)])
  })

  test('of silence stays silent', async () => {
    const { outputs } = await workspace.render({ audio: 'normalize' }, [
      await workspace.clips.clip({ audio: false }),
    ])
    expect(outputs[0]).toMatchObject({ audio_codec: 'aac', loudness: null })
  })

  test('cannot be taken from a clip without any', async () => {
    await expect(
      workspace.render({ output: { format: 'mp3' } }, [await workspace.clips.clip({ audio: false })]),
    ).rejects.toMatchObject({ code: 'media.impossible' })
  })

  test('leaves cover art behind', async () => {
    const cover = await plainColour('red', '40x40', 'png')
    const song = workspace.clips.fresh('mp3')
    const art = ['-map', '0:a', '-map', '1:v', '-c:v', 'mjpeg', '-disposition:v:0', 'attached_pic']
    await ffmpeg(['-i', await workspace.clips.clip(), '-i', cover, ...art, '-c:a', 'libmp3lame', song])
    const { outputs, sources } = await workspace.render({ output: { format: 'mp3' } }, [song])
    expect(sources[0]).toMatchObject({ video: null, streams: 2 })
    expect(outputs[0]).toMatchObject({ video_codec: null, audio_codec: 'mp3' })
  })
})

test('thumbnails come along: a poster, stills, and a sheet with its index', async () => {
  const thumbnails = {
    poster: { at: 1, width: 48 },
    stills: { count: 3, width: 32 },
    sprite: { count: 7, columns: 3, width: 32 },
  }
  const { outputs } = await workspace.render({ thumbnails }, [await workspace.clips.clip()])
  expect(outputs.map(({ name, width, height }) => `${name} ${width}x${height}`)).toEqual([
    'output.mp4 96x64',
    'poster.jpg 48x32',
    'still-01.jpg 32x20',
    'still-02.jpg 32x20',
    'still-03.jpg 32x20',
    'sprite.jpg 96x60',
    'sprite.vtt nullxnull',
  ])
  const shapes = outputs.slice(1, -1).map(({ path }) => ffprobeLines(path, 'stream=sample_aspect_ratio', 'v'))
  expect(new Set((await Promise.all(shapes)).flat())).toEqual(new Set(['1:1']))
  const index = await readFile(outputs.at(-1)?.path ?? '', 'utf8')
  expect(index.split('\n').slice(0, 6)).toEqual([
    'WEBVTT',
    '',
    '00:00:00.000 --> 00:00:00.286',
    'sprite.jpg#xywh=0,0,32,20',
    '',
    '00:00:00.286 --> 00:00:00.571',
  ])
})

describe('parts', () => {
  /** A clip that flashes white and beeps for the first tenth of every second. */
  async function flashing(seconds: number) {
    const flash = `color=black:size=64x36:rate=25:duration=${seconds},drawbox=color=white:t=fill:enable='lt(mod(n,25),3)'`
    const beep = `sine=frequency=1000:sample_rate=48000:duration=${seconds},volume=volume='lt(mod(t,1),0.12)':eval=frame`
    const sources = ['-f', 'lavfi', '-i', flash, '-f', 'lavfi', '-i', beep]
    return workspace.clips.generated('mp4', [...sources, '-c:v', 'libx264'])
  }
  /** Seconds at which the video turns white, and at which the audio begins. */
  async function onsets(path: string) {
    const raw = async (...args: string[]) =>
      (await run('ffmpeg', ['-v', 'error', '-i', path, ...args, '-'], { encoding: 'buffer', maxBuffer: 1e9 }))
        .stdout
    const video = await raw('-vf', 'scale=1:1,format=gray', '-f', 'rawvideo')
    const audio = await raw('-ac', '1', '-ar', '48000', '-f', 's16le')
    const white = [...video].flatMap((value, i, all) =>
      value > 128 && (all[i - 1] ?? 0) <= 128 ? [i / 25] : [],
    )
    const loud: number[] = []
    for (let at = 0, quietSince = Number.NEGATIVE_INFINITY; at < audio.length / 2; at++) {
      if (Math.abs(audio.readInt16LE(at * 2)) < 1000) continue
      if (at - quietSince > 4800) loud.push(at / 48_000)
      quietSince = at
    }
    return { white, loud }
  }

  test('are cut to the frame, and audio stays in sync across every seam', async () => {
    const { outputs } = await workspace.render(
      { split: { every: 2 }, bumper: { intro: { seconds: 0.4 }, outro: { seconds: 0.4 } } },
      [await flashing(5)],
    )
    expect(outputs.map(({ name }) => name)).toEqual(['part-001.mp4', 'part-002.mp4', 'part-003.mp4'])
    for (const [i, { path }] of outputs.entries()) {
      const beats = i < 2 ? [0.4, 1.4] : [0.4]
      const { white, loud } = await onsets(path)
      expect((await measure(path)).frames).toBe(i < 2 ? 70 : 45)
      expect(white).toEqual(beats.map((beat) => expect.closeTo(beat, 5)))
      expect(loud).toHaveLength(beats.length)
      for (const [k, beat] of beats.entries()) expect(Math.abs((loud[k] ?? 0) - beat)).toBeLessThan(0.04)
    }
    const dir = (outputs[0]?.path ?? '').replace(/\/[^/]*$/, '')
    expect((await readdir(dir)).filter((name) => name.startsWith('.'))).toEqual([])
  })

  test.each(['webm', 'mkv', 'mov'] as const)('of %s hold what is whole', async (format) => {
    const { outputs } = await workspace.render(
      { split: { every: 1 }, output: { format, quality: 'draft' } },
      [await flashing(2)],
    )
    expect(outputs).toHaveLength(2)
    for (const { path } of outputs) {
      const { white, loud } = await onsets(path)
      expect(white).toEqual([expect.closeTo(0, 5)])
      expect(Math.abs((loud[0] ?? 9) - 0)).toBeLessThan(0.04)
    }
  })

  /** A clip whose tone rises every second, for twelve seconds. */
  async function rising() {
    const video = 'color=black:size=64x36:rate=25:duration=12'
    const tone = "aevalsrc='0.5*sin(2*PI*(500+250*floor(t))*t)':s=48000:d=12"
    const sources = ['-f', 'lavfi', '-i', video, '-f', 'lavfi', '-i', tone]
    return workspace.clips.generated('mkv', [...sources, '-c:a', 'flac'])
  }
  /** Which second of the rising clip plays at these seconds of a file; NaN where there is silence. */
  async function playingAt(path: string, ...seconds: number[]) {
    const pcm = ['-v', 'error', '-i', path, '-ac', '1', '-ar', '48000', '-f', 's16le', '-']
    const { stdout } = await run('ffmpeg', pcm, { encoding: 'buffer', maxBuffer: 1e9 })
    const samples = new Int16Array(stdout.buffer, stdout.byteOffset, stdout.length / 2)
    return seconds.map((second) => {
      const some = samples.subarray(
        Math.round((second - 0.04) * 48_000),
        Math.round((second + 0.04) * 48_000),
      )
      if (some.every((sample) => Math.abs(sample) < 1000)) return Number.NaN
      const crossings = some.filter((sample, i) => sample >= 0 && (some[i - 1] ?? 0) < 0).length
      return Math.max(0, Math.round((crossings / 0.08 - 500) / 250))
    })
  }

  test.each(['mp4', 'webm', 'mkv', 'mov', 'mp3', 'm4a', 'ogg', 'wav'] as const)(
    'of %s play what the whole plays there, from their first tenth of a second to their last',
    async (format) => {
      const { outputs } = await workspace.render({ split: { every: 4 }, output: { format } }, [
        await rising(),
      ])
      expect(outputs.map(({ seconds }) => seconds)).toEqual(Array(3).fill(expect.closeTo(4, 0.9)))
      for (const [i, { path }] of outputs.entries())
        expect(await playingAt(path, 0.06, 0.94, 1.06, 2.5, 3.9)).toEqual(
          [0, 0, 1, 2, 3].map((second) => i * 4 + second),
        )
    },
  )

  test('of WAV are cut to the sample', async () => {
    const { outputs } = await workspace.render({ split: { every: 4 }, output: { format: 'wav' } }, [
      await rising(),
    ])
    expect(outputs.map(({ seconds }) => seconds)).toEqual([4, 4, 4])
  })

  test('can be of audio alone', async () => {
    const { outputs } = await workspace.render({ split: { every: 1 }, output: { format: 'mp3' } }, [
      await flashing(3),
    ])
    expect(outputs.map(({ name }) => name)).toEqual(['part-001.mp3', 'part-002.mp3', 'part-003.mp3'])
  })
})
