import { copyFile, readFile, stat, truncate, writeFile } from 'node:fs/promises'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { ffmpeg } from '#test/clips.ts'
import {
  content,
  generated,
  lavfi,
  overwriteAll,
  PICTURE,
  TONE,
  u32,
  useHostileWorkspace,
  type WriteFile,
} from './hostile-workspace.ts'
import { type MediaWorkspace, openMediaWorkspace } from './media-workspace.ts'

const room = useHostileWorkspace()

describe('is refused for good', () => {
  const tail = async (path: string, keep: number) =>
    truncate(path, Math.floor((await stat(path)).size * keep))
  const cases: [string, string, WriteFile, string][] = [
    ['an empty file', 'mp4', content(''), 'media.unreadable'],
    ['one byte', 'mp4', content('x'), 'media.unreadable'],
    ['text', 'mp4', content('hello '.repeat(500)), 'media.unreadable'],
    [
      'HTML',
      'mp4',
      content('<!doctype html><html><body><video src="file:///etc/passwd"></html>'),
      'media.unreadable',
    ],
    [
      'a JPEG',
      'mp4',
      generated(
        ...lavfi('color=red:s=64x64'),
        '-frames:v',
        '1',
        '-c:v',
        'mjpeg',
        '-f',
        'image2',
        '-update',
        '1',
      ),
      'media.unreadable',
    ],
    [
      'an MP4 whose moov never came',
      'mp4',
      async (path) => {
        await copyFile(await room.clip(), path)
        await tail(path, 0.5)
      },
      'media.unreadable',
    ],
    [
      'HLS that names a file',
      'mp4',
      content('#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\nfile:///etc/passwd\n#EXT-X-ENDLIST\n'),
      'media.unreadable',
    ],
    ['ffconcat', 'mp4', content('ffconcat version 1.0\nfile /etc/passwd\n'), 'media.unreadable'],
    [
      'DASH',
      'mp4',
      content(
        '<?xml version="1.0"?><MPD xmlns="urn:mpeg:dash:schema:mpd:2011" type="static"><Period><BaseURL>file:///etc/</BaseURL></Period></MPD>',
      ),
      'media.unreadable',
    ],
    [
      'SDP',
      'mp4',
      content(
        'v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nt=0 0\nm=video 5004 RTP/AVP 96\na=rtpmap:96 H264/90000\n',
      ),
      'media.unreadable',
    ],
    [
      'SVG',
      'mp4',
      content('<svg xmlns="http://www.w3.org/2000/svg"><image href="file:///etc/passwd"/></svg>'),
      'media.unreadable',
    ],
    [
      'MagicYUV, an exotic codec',
      'avi',
      generated(...lavfi(PICTURE), '-c:v', 'magicyuv'),
      'media.unreadable',
    ],
    [
      'subtitles alone',
      'mkv',
      async (path) => {
        const srt = await room.hostile('srt', content('1\n00:00:00,000 --> 00:00:01,000\nhello\n'))
        await ffmpeg(['-i', srt, '-c:s', 'srt', path])
      },
      'media.unreadable',
    ],
    [
      'a claim of 65535x65535',
      'mov',
      async (path) => {
        await ffmpeg([...lavfi(PICTURE), '-c:v', 'qtrle', path])
        await writeFile(
          path,
          overwriteAll(await readFile(path), 'rle ', 28, Buffer.from([255, 255, 255, 255])),
        )
      },
      'media.limits',
    ],
    [
      'ten to the nine seconds',
      'mp4',
      room.changed((bytes) =>
        overwriteAll(overwriteAll(bytes, 'mvhd', 20, u32(1_000_000_000)), 'mvhd', 16, u32(1)),
      ),
      'media.limits',
    ],
    [
      'more streams than are looked at',
      'mkv',
      generated(
        ...lavfi('sine=d=0.1'),
        ...Array.from({ length: 100 }, () => ['-map', '0']).flat(),
        '-c:a',
        'pcm_s16le',
      ),
      'media.limits',
    ],
    ['sound alone, where a picture is wanted', 'm4a', generated(...lavfi(TONE)), 'media.impossible'],
  ]
  test.each(cases)('%s', async (_, ending, put, code) => {
    const path = await room.hostile(ending, put)
    await expect(room.reel(path)).rejects.toMatchObject({ code, retry: false })
  })
})

test.each([
  ['magicyuv', 'avi'],
  ['cinepak', 'avi'],
])('the refusal of a codec names it, and not all the others: %s', async (codec, ending) => {
  const path = await room.hostile(ending, generated(...lavfi(PICTURE), '-c:v', codec, '-frames:v', '1'))
  await expect(room.reel(path)).rejects.toMatchObject({
    code: 'media.unreadable',
    message: `The source cannot be used: its codec, ${codec}, is not read here.`,
    said: undefined,
  })
})

test('the refusal of a container names it', async () => {
  const path = await room.hostile(
    'mp4',
    content('#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\nfile:///etc/passwd\n'),
  )
  await expect(room.reel(path)).rejects.toMatchObject({
    message: 'The source cannot be used: its container, hls, is not read here.',
  })
})

describe('a picture of 16000x16000 is refused in less memory than it would take', () => {
  // Decoded it is 384 MB; ffprobe takes 52 MB to refuse it, and about 260 MB of address space for its libraries.
  const memoryBytes = 380 * 1024 ** 2
  let small: MediaWorkspace
  let huge: string
  beforeAll(async () => {
    small = await openMediaWorkspace({}, { memoryBytes })
    const picture = ['-frames:v', '1', '-c:v', 'mjpeg', '-pix_fmt', 'yuvj420p']
    huge = await room.hostile('mkv', generated(...lavfi('color=red:s=16000x16000:r=1:d=1'), ...picture))
  })
  afterAll(() => small.clips.remove())

  const refusal = (path: string) =>
    expect(small.render({}, [path])).rejects.toMatchObject({ code: 'media.limits', retry: false })

  test('when its container says so', () => refusal(huge))

  test('when its container says that it is small', async () => {
    const [width, height] = [Buffer.from('b0823e80', 'hex'), Buffer.from('ba823e80', 'hex')]
    const path = await room.hostile('mkv', async (at) => {
      const bytes = await readFile(huge)
      for (const tag of [width, height]) Buffer.from([0, 64]).copy(bytes, bytes.indexOf(tag) + 2)
      await writeFile(at, bytes)
    })
    await refusal(path)
  })
})
