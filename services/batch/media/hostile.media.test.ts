import { copyFile, readFile, stat, truncate, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import type { Recipe } from '#shared/contract/recipe.ts'
import { type Clips, ffmpeg } from '#test/clips.ts'
import { type MediaRoom, measure, openMediaRoom } from './fixtures.media.ts'

/** Bounds small enough to meet in a test. */
const LIMITS = { pixels: 1920 * 1088, seconds: 700, streams: 64 }

let room: MediaRoom
let clips: Clips
beforeAll(async () => {
  room = await openMediaRoom(LIMITS)
  clips = room.clips
})
afterAll(() => clips.remove())

type Making = (path: string) => Promise<void>

/** A path of its own for what the maker puts there. */
async function hostile(ending: string, put: Making): Promise<string> {
  const path = clips.fresh(ending)
  await put(path)
  return path
}
const text =
  (content: string | Buffer): Making =>
  (path) =>
    writeFile(path, content)
const made =
  (...args: string[]): Making =>
  (path) =>
    ffmpeg([...args, path])
const lavfi = (...sources: string[]) => sources.flatMap((source) => ['-f', 'lavfi', '-i', source])
const PICTURE = 'testsrc2=size=96x64:rate=24:duration=2'
const TONE = 'sine=sample_rate=48000:duration=2'

/** A clip's bytes, changed. */
const changed =
  (change: (bytes: Buffer) => Buffer, ...options: string[]): Making =>
  async (path) => {
    const bytes = await readFile(await clips.clip({ options }))
    await writeFile(path, change(bytes))
  }
/** Overwrites every occurrence of a byte pattern's payload. */
const poke = (bytes: Buffer, mark: string, at: number, value: Buffer) => {
  for (let i = bytes.indexOf(mark); i >= 0; i = bytes.indexOf(mark, i + 1)) value.copy(bytes, i + at)
  return bytes
}
const u32 = (value: number) => {
  const four = Buffer.alloc(4)
  four.writeUInt32BE(value)
  return four
}

const small: Partial<Recipe> & { frame: object } = {
  frame: { width: 64, height: 36, fit: 'pad', upscale: true, background: '#000000' },
}
const reel = (path: string) =>
  room.make({ ...small, output: { quality: 'draft' } } as object as { frame: never }, [path])

describe('is refused for good', () => {
  const tail = async (path: string, keep: number) =>
    truncate(path, Math.floor((await stat(path)).size * keep))
  const cases: [string, string, Making, string][] = [
    ['an empty file', 'mp4', text(''), 'media.unreadable'],
    ['one byte', 'mp4', text('x'), 'media.unreadable'],
    ['text', 'mp4', text('hello '.repeat(500)), 'media.unreadable'],
    [
      'HTML',
      'mp4',
      text('<!doctype html><html><body><video src="file:///etc/passwd"></html>'),
      'media.unreadable',
    ],
    [
      'a JPEG',
      'mp4',
      made(...lavfi('color=red:s=64x64'), '-frames:v', '1', '-c:v', 'mjpeg', '-f', 'image2', '-update', '1'),
      'media.unreadable',
    ],
    [
      'an MP4 whose moov never came',
      'mp4',
      async (path) => {
        await copyFile(await clips.clip(), path)
        await tail(path, 0.5)
      },
      'media.unreadable',
    ],
    [
      'HLS that names a file',
      'mp4',
      text('#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\nfile:///etc/passwd\n#EXT-X-ENDLIST\n'),
      'media.unreadable',
    ],
    ['ffconcat', 'mp4', text('ffconcat version 1.0\nfile /etc/passwd\n'), 'media.unreadable'],
    [
      'DASH',
      'mp4',
      text(
        '<?xml version="1.0"?><MPD xmlns="urn:mpeg:dash:schema:mpd:2011" type="static"><Period><BaseURL>file:///etc/</BaseURL></Period></MPD>',
      ),
      'media.unreadable',
    ],
    [
      'SDP',
      'mp4',
      text(
        'v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nt=0 0\nm=video 5004 RTP/AVP 96\na=rtpmap:96 H264/90000\n',
      ),
      'media.unreadable',
    ],
    [
      'SVG',
      'mp4',
      text('<svg xmlns="http://www.w3.org/2000/svg"><image href="file:///etc/passwd"/></svg>'),
      'media.unreadable',
    ],
    ['MagicYUV, an exotic codec', 'avi', made(...lavfi(PICTURE), '-c:v', 'magicyuv'), 'media.unreadable'],
    [
      'subtitles alone',
      'mkv',
      async (path) => {
        const srt = await hostile('srt', text('1\n00:00:00,000 --> 00:00:01,000\nhello\n'))
        await ffmpeg(['-i', srt, '-c:s', 'srt', path])
      },
      'media.unreadable',
    ],
    [
      'a picture that decodes to a thousand times its bytes',
      'mkv',
      made(...lavfi('color=red:s=8000x8000:r=1:d=1'), '-c:v', 'mjpeg', '-pix_fmt', 'yuvj420p'),
      'media.limits',
    ],
    [
      'a claim of 65535x65535',
      'mov',
      async (path) => {
        await ffmpeg([...lavfi(PICTURE), '-c:v', 'qtrle', path])
        await writeFile(path, poke(await readFile(path), 'rle ', 28, Buffer.from([255, 255, 255, 255])))
      },
      'media.limits',
    ],
    [
      'ten to the nine seconds',
      'mp4',
      changed((bytes) => poke(poke(bytes, 'mvhd', 20, u32(1_000_000_000)), 'mvhd', 16, u32(1))),
      'media.limits',
    ],
    [
      'more streams than are looked at',
      'mkv',
      made(
        ...lavfi('sine=d=0.1'),
        ...Array.from({ length: 100 }, () => ['-map', '0']).flat(),
        '-c:a',
        'pcm_s16le',
      ),
      'media.limits',
    ],
    ['sound alone, where a picture is wanted', 'm4a', made(...lavfi(TONE)), 'media.impossible'],
  ]
  test.each(cases)('%s', async (_, ending, put, code) => {
    const path = await hostile(ending, put)
    await expect(reel(path)).rejects.toMatchObject({ code, retry: false })
  })
})

describe('comes out right', () => {
  const clip =
    (...options: string[]): Making =>
    async (path) =>
      copyFile(await clips.clip({ options }), path)
  const turned =
    (degrees: string): Making =>
    async (path) =>
      ffmpeg(['-i', await clips.clip(), '-c', 'copy', '-metadata:s:v:0', `rotate=${degrees}`, path])
  const cases: [string, string, Making, number?][] = [
    [
      'bytes of a zip after the end',
      'mp4',
      changed((bytes) => Buffer.concat([bytes, Buffer.from('PK\u0003\u0004 and so on')])),
    ],
    [
      'odd sides',
      'mkv',
      made(...lavfi('testsrc2=size=63x63:rate=24:duration=2'), '-c:v', 'ffv1', '-pix_fmt', 'yuv444p'),
    ],
    ['one pixel', 'mkv', made(...lavfi(PICTURE), '-vf', 'scale=1:1', '-c:v', 'ffv1', '-pix_fmt', 'yuv444p')],
    ['pixels that are not square', 'mp4', clip('-vf', 'setsar=7/3')],
    ['a quarter turn', 'mp4', turned('90')],
    ['a half turn', 'mp4', turned('180')],
    ['uneven frames', 'mp4', clip('-vf', "select='lt(n,5)+gt(n,40)'", '-fps_mode', 'vfr')],
    [
      '1,000 frames per second',
      'mp4',
      made(...lavfi('testsrc2=size=32x32:rate=1000:duration=2'), '-preset', 'ultrafast'),
    ],
    ['one frame', 'mp4', made(...lavfi(PICTURE), '-frames:v', '1'), 0.04],
    ['a start other than 0', 'ts', made(...lavfi(PICTURE, TONE), '-output_ts_offset', '1000')],
    ['timestamps that wrap around', 'ts', made(...lavfi(PICTURE, TONE), '-output_ts_offset', '95443')],
    [
      'negative timestamps',
      'mkv',
      made('-itsoffset', '-0.5', ...lavfi(PICTURE), ...lavfi(TONE), '-avoid_negative_ts', 'disabled'),
    ],
    [
      'no duration',
      'mkv',
      async (path) => ffmpeg(['-i', await clips.clip(), '-c', 'copy', '-live', '1', '-f', 'matroska', path]),
    ],
    ['raw H.264', 'h264', made(...lavfi(PICTURE))],
    ['sound longer than the picture', 'mp4', made(...lavfi('testsrc2=size=96x64:rate=24:duration=1', TONE))],
    ['sound shorter than the picture', 'mp4', made(...lavfi(PICTURE, 'sine=duration=0.5'))],
    [
      'a picture that comes late',
      'mp4',
      made(...lavfi(TONE), '-itsoffset', '1', ...lavfi('testsrc2=size=96x64:rate=24:duration=1')),
    ],
    ['5.1 sound', 'mp4', clip('-ac', '6')],
    ['8 kHz sound', 'mov', made(...lavfi(PICTURE, TONE), '-c:a', 'pcm_mulaw', '-ar', '8000')],
    [
      'two pictures',
      'mkv',
      made(...lavfi(PICTURE, 'testsrc=size=64x64:rate=5:duration=2'), '-map', '0', '-map', '1'),
    ],
    [
      'cover art beside the picture',
      'mp4',
      made(
        ...lavfi(PICTURE, 'color=red:s=64x64:d=0.04'),
        '-map',
        '0',
        '-map',
        '1',
        '-c:v:1',
        'mjpeg',
        '-disposition:v:1',
        'attached_pic',
      ),
    ],
    [
      'HDR10',
      'mp4',
      made(
        ...lavfi(PICTURE),
        '-c:v',
        'libx265',
        '-x265-params',
        'log-level=error:colorprim=bt2020:transfer=smpte2084:colormatrix=bt2020nc',
        '-pix_fmt',
        'yuv420p10le',
      ),
    ],
    ['10 bits of 4:2:2', 'mov', made(...lavfi(PICTURE), '-c:v', 'prores_ks', '-pix_fmt', 'yuv422p10le')],
    ['interlaced', 'ts', made(...lavfi(PICTURE), '-c:v', 'mpeg2video', '-flags', '+ildct+ilme', '-top', '1')],
    ['transparency', 'mov', made(...lavfi(`${PICTURE},format=argb`), '-c:v', 'qtrle')],
    [
      'an edit list',
      'mp4',
      async (path) =>
        ffmpeg([
          '-ss',
          '0.7',
          '-i',
          await clips.clip({ seconds: 3, options: ['-g', '24'] }),
          '-t',
          '2',
          '-c',
          'copy',
          path,
        ]),
    ],
    [
      'a size that changes on the way',
      'ts',
      async (path) => {
        const one = await readFile(await clips.clip({ seconds: 1, ending: 'ts' }))
        const two = await readFile(
          await clips.clip({ seconds: 1, size: '64x96', ending: 'ts', options: ['-output_ts_offset', '1'] }),
        )
        await writeFile(path, Buffer.concat([one, two]))
      },
    ],
  ]
  test.each(cases)('%s', async (_, ending, put, seconds = 2) => {
    const { outputs } = await reel(await hostile(ending, put))
    const [output] = outputs
    expect(output).toMatchObject({ width: 64, height: 36, video_codec: 'h264', audio_codec: 'aac' })
    const { pictureSeconds, soundSeconds } = await measure(output?.path)
    expect(Math.abs(pictureSeconds - seconds)).toBeLessThan(0.1)
    expect(Math.abs(pictureSeconds - soundSeconds)).toBeLessThan(0.05)
  })
})

describe('a mirrored picture', () => {
  /** Writes a display matrix into every track header of an MP4. */
  const shown =
    (a: number, d: number, x: number, y: number): Making =>
    async (path) => {
      const bytes = await readFile(await clips.clip({ sound: false }))
      for (const [at, value] of [
        [0, a],
        [16, d],
        [24, x],
        [28, y],
      ] as const)
        poke(bytes, 'tkhd', 44 + at, u32((value * 65_536) >>> 0))
      await writeFile(path, bytes)
    }
  const firstFrame = async (path: string | undefined, filter: string) => {
    const grey = clips.fresh('gray')
    await ffmpeg([
      '-noautorotate',
      '-i',
      path ?? '',
      '-vf',
      `${filter},scale=64:36`,
      '-frames:v',
      '1',
      '-pix_fmt',
      'gray',
      '-f',
      'rawvideo',
      grey,
    ])
    return readFile(grey)
  }
  test.each([
    ['left to right', -1, 1, 96, 0, 'hflip'],
    ['upside down', 1, -1, 0, 64, 'vflip'],
  ])('%s is shown as it is meant', async (_, a, d, x, y, filter) => {
    const path = await hostile('mp4', shown(a, d, x, y))
    const { outputs } = await room.make({ frame: { width: 64, height: 36, fit: 'stretch' } }, [path])
    const [got, wanted] = [await firstFrame(outputs[0]?.path, 'null'), await firstFrame(path, filter)]
    const difference = got.reduce((sum, value, i) => sum + Math.abs(value - (wanted[i] ?? 0)), 0) / got.length
    expect(difference).toBeLessThan(8)
  })
})

describe('ends right or damaged, and soon', () => {
  const outcome = async (path: string) => {
    const options = { deadlineMs: 20_000 }
    try {
      const { outputs } = await room.make(
        { ...small, output: { quality: 'draft' } } as object,
        [path],
        options,
      )
      return outputs[0]?.width === 64 ? 'right' : 'wrong'
    } catch (error) {
      return (error as { code: string }).code
    }
  }
  const flipped = (seed: number) =>
    changed((bytes) => {
      const start = bytes.indexOf('mdat') + 8
      const end = bytes.indexOf('moov') - 4
      for (let i = 0, at = seed; i < 40; i++) {
        at = (at * 1_103_515_245 + 12_345) % 2 ** 31
        const place = start + (at % (end - start))
        bytes[place] = (bytes[place] ?? 0) ^ (1 << (at % 8))
      }
      return bytes
    })
  const cases: [string, string, Making][] = [
    ['flipped bits', 'mp4', flipped(1)],
    ['other flipped bits', 'mp4', flipped(77)],
    [
      'a tail cut off, moov in front',
      'mp4',
      async (path) => {
        const bytes = await readFile(await clips.clip({ seconds: 6, options: ['-movflags', '+faststart'] }))
        await writeFile(path, bytes.subarray(0, bytes.length * 0.6))
      },
    ],
    [
      'a tail cut off, Matroska',
      'mkv',
      async (path) => {
        const bytes = await readFile(await clips.clip({ seconds: 6, ending: 'mkv' }))
        await writeFile(path, bytes.subarray(0, bytes.length * 0.6))
      },
    ],
    [
      'timestamps that jump back',
      'ts',
      async (path) => {
        const bytes = await readFile(await clips.clip({ seconds: 1, ending: 'ts' }))
        await writeFile(path, Buffer.concat([bytes, bytes]))
      },
    ],
    [
      'an encrypted picture',
      'mp4',
      made(
        ...lavfi(PICTURE),
        '-encryption_scheme',
        'cenc-aes-ctr',
        '-encryption_key',
        '0123456789abcdef0123456789abcdef',
        '-encryption_kid',
        '0123456789abcdef0123456789abcdef',
      ),
    ],
  ]
  test.each(cases)('%s', async (_, ending, put) => {
    expect(['right', 'media.damaged', 'media.unreadable']).toContain(
      await outcome(await hostile(ending, put)),
    )
  })
})

describe('reaches nothing beyond itself', () => {
  /** Counts who calls while a hostile file is worked on. */
  async function callsDuring(act: (address: string) => Promise<unknown>) {
    let calls = 0
    const server = createServer((_, reply) => {
      calls++
      reply.end()
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const { port } = server.address() as AddressInfo
    await act(`http://127.0.0.1:${port}/secret.ts`).finally(() => server.close())
    return calls
  }
  const chunk = (name: string, content: Buffer) => {
    const size = Buffer.alloc(4)
    size.writeUInt32LE(content.length)
    return Buffer.concat([Buffer.from(name), size, content, Buffer.alloc(content.length % 2)])
  }
  const list = (name: string, ...chunks: Buffer[]) =>
    chunk('LIST', Buffer.concat([Buffer.from(name), ...chunks]))

  test('HLS that names an address', async () => {
    const calls = await callsDuring(async (address) => {
      const path = await hostile(
        'mp4',
        text(`#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\n${address}\n#EXT-X-ENDLIST\n`),
      )
      await expect(reel(path)).rejects.toMatchObject({ code: 'media.unreadable' })
    })
    expect(calls).toBe(0)
  })

  test('an AVI with a playlist for subtitles', async () => {
    const calls = await callsDuring(async (address) => {
      const playlist = `#EXTM3U\n#EXT-X-MEDIA-SEQUENCE:0\n#EXTINF:9,\n${address}\n#EXT-X-ENDLIST\n`
      const gab2 = Buffer.concat([
        Buffer.from('GAB2\0\u0002\0'),
        Buffer.alloc(4),
        Buffer.from([4, 0]),
        u32(0),
        Buffer.from(playlist),
      ])
      const header = Buffer.alloc(56)
      header.write('txts')
      header.writeUInt32LE(1, 20)
      header.writeUInt32LE(25, 24)
      header.writeUInt32LE(1, 32)
      const avi = Buffer.concat([
        Buffer.from('AVI '),
        list(
          'hdrl',
          chunk('avih', Buffer.alloc(56)),
          list('strl', chunk('strh', header), chunk('strf', Buffer.alloc(0))),
        ),
        list('movi', chunk('00tx', gab2)),
      ])
      const path = await hostile('avi', text(chunk('RIFF', avi)))
      await expect(reel(path)).rejects.toMatchObject({ code: 'media.unreadable' })
    })
    expect(calls).toBe(0)
  })

  test('an MP4 that keeps its frames in another file', async () => {
    const secret = await clips.clip({ sound: false })
    const path = await hostile('mov', async (at) => {
      await ffmpeg(['-i', secret, '-c', 'copy', at])
      await writeFile(at, withReference(await readFile(at), secret))
    })
    await expect(reel(path)).rejects.toMatchObject({ code: 'media.damaged', retry: false })
  })

  /** Turns the data reference of a MOV, whose moov comes last, into an alias of another file. */
  function withReference(bytes: Buffer, target: string): Buffer {
    const entry = bytes.lastIndexOf('url ') - 4
    const alias = Buffer.alloc(150)
    const name = Buffer.from(target.split('/').at(-1) ?? '')
    alias.writeUInt16BE(2, 6)
    alias[50] = name.length
    name.copy(alias, 51)
    alias.writeUInt16BE(1, 128)
    alias.writeUInt16BE(1, 130)
    const record = (type: number, value: string) => {
      const content = Buffer.from(value)
      const head = Buffer.alloc(4)
      head.writeUInt16BE(type)
      head.writeUInt16BE(content.length, 2)
      return Buffer.concat([head, content, Buffer.alloc(content.length % 2)])
    }
    const content = Buffer.concat([
      Buffer.from('alis'),
      u32(0),
      alias,
      record(2, target),
      record(18, target),
      Buffer.from([255, 255, 0, 0]),
    ])
    const box = Buffer.concat([u32(content.length + 4), content])
    const grown = box.length - bytes.readUInt32BE(entry)
    for (const name of ['moov', 'trak', 'mdia', 'minf', 'dinf', 'dref']) {
      const at = bytes.lastIndexOf(name, entry) - 4
      bytes.writeUInt32BE(bytes.readUInt32BE(at) + grown, at)
    }
    return Buffer.concat([bytes.subarray(0, entry), box, bytes.subarray(entry + bytes.readUInt32BE(entry))])
  }
})

test('ten minutes of black in a few kilobytes take only the time that is asked for', async () => {
  const path = await hostile('mkv', made(...lavfi('color=black:s=96x64:r=10:d=600'), '-preset', 'ultrafast'))
  const { outputs } = await room.make(
    { trims: [{ start: 590, duration: 1 }], output: { quality: 'draft' } },
    [path],
  )
  expect(outputs[0]?.seconds).toBeCloseTo(1, 1)
})
