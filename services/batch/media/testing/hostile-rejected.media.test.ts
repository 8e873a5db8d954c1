import { copyFile, readFile, stat, truncate, writeFile } from 'node:fs/promises'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { ffmpeg } from '#test/clips.ts'
import {
  content,
  type FileWriter,
  generated,
  lavfi,
  overwriteAll,
  TONE,
  u32,
  useHostileWorkspace,
  VIDEO,
} from './hostile-workspace.ts'
import { type MediaWorkspace, openMediaWorkspace } from './media-workspace.ts'

const workspace = useHostileWorkspace()

/** Changes an MP4 so that its header states a billion seconds. */
const claimByHeader = (bytes: Buffer): Buffer =>
  overwriteAll(overwriteAll(bytes, 'mvhd', 20, u32(1_000_000_000)), 'mvhd', 16, u32(1))

/** Changes a clip of 48 frames so that its tracks state a billion seconds or more. */
const claimByTracks = (bytes: Buffer): Buffer =>
  overwriteAll(overwriteAll(bytes, 'mdhd', 16, u32(1)), 'stts', 16, u32(20_833_334))

describe('is rejected permanently', () => {
  const truncateTo = async (path: string, share: number) =>
    truncate(path, Math.floor((await stat(path)).size * share))
  const cases: [string, string, FileWriter, string][] = [
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
      'an MP4 without its moov',
      'mp4',
      async (path) => {
        await copyFile(await workspace.clip(), path)
        await truncateTo(path, 0.5)
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
      'MagicYUV, an unsupported codec',
      'avi',
      generated(...lavfi(VIDEO), '-c:v', 'magicyuv'),
      'media.unreadable',
    ],
    [
      'subtitles alone',
      'mkv',
      async (path) => {
        const srt = await workspace.createFile('srt', content('1\n00:00:00,000 --> 00:00:01,000\nhello\n'))
        await ffmpeg(['-i', srt, '-c:s', 'srt', path])
      },
      'media.unreadable',
    ],
    [
      'a claim of 65535x65535',
      'mov',
      async (path) => {
        await ffmpeg([...lavfi(VIDEO), '-c:v', 'qtrle', path])
        await writeFile(
          path,
          overwriteAll(await readFile(path), 'rle ', 28, Buffer.from([255, 255, 255, 255])),
        )
      },
      'media.limits',
    ],
    [
      'a claim of a billion seconds',
      'mp4',
      workspace.modifiedClip((bytes) => claimByTracks(claimByHeader(bytes))),
      'media.limits',
    ],
    [
      'more streams than the limit',
      'mkv',
      generated(
        ...lavfi('sine=d=0.1'),
        ...Array.from({ length: 100 }, () => ['-map', '0']).flat(),
        '-c:a',
        'pcm_s16le',
      ),
      'media.limits',
    ],
    ['audio only, where video is requested', 'm4a', generated(...lavfi(TONE)), 'media.impossible'],
  ]
  test.each(cases)('%s', async (_, extension, write, code) => {
    const path = await workspace.createFile(extension, write)
    await expect(workspace.renderSmall(path)).rejects.toMatchObject({ code, retry: false })
  })
})

test('a billion seconds in the header alone are rejected, or ignored as by ffmpeg 7', async () => {
  const path = await workspace.createFile('mp4', workspace.modifiedClip(claimByHeader))
  const seconds = await workspace.renderSmall(path).then(
    ({ outputs }) => outputs[0]?.seconds,
    ({ code, retry }) => (code === 'media.limits' && !retry ? 2 : code),
  )
  expect(seconds).toBeCloseTo(2, 1)
})

test.each([
  ['magicyuv', 'avi'],
  ['cinepak', 'avi'],
])('the error about a codec names it, and not all the others: %s', async (codec, extension) => {
  const path = await workspace.createFile(
    extension,
    generated(...lavfi(VIDEO), '-c:v', codec, '-frames:v', '1'),
  )
  await expect(workspace.renderSmall(path)).rejects.toMatchObject({
    code: 'media.unreadable',
    message: `Cannot use the source: the codec ${codec} is not supported. Convert it first, for example to MP4 with H.264 and AAC.`,
    logTail: undefined,
  })
})

test('the error about a container names it', async () => {
  const path = await workspace.createFile(
    'mp4',
    content('#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\nfile:///etc/passwd\n'),
  )
  await expect(workspace.renderSmall(path)).rejects.toMatchObject({
    message:
      'Cannot use the source: the container hls is not supported. Convert it first, for example to MP4 with H.264 and AAC.',
  })
})

describe('video of 16000x16000 is rejected in less memory than decoding would take', () => {
  // Decoded it takes 384 MB. ffprobe needs 52 MB to reject it, and about 260 MB of address space for its libraries.
  const memoryBytes = 380 * 1024 ** 2
  let lowMemory: MediaWorkspace
  let huge: string
  beforeAll(async () => {
    lowMemory = await openMediaWorkspace({}, { memoryBytes })
    const encoding = ['-frames:v', '1', '-c:v', 'mjpeg', '-pix_fmt', 'yuvj420p']
    huge = await workspace.createFile(
      'mkv',
      generated(...lavfi('color=red:s=16000x16000:r=1:d=1'), ...encoding),
    )
  })
  afterAll(() => lowMemory.clips.remove())

  const expectRejection = (path: string) =>
    expect(lowMemory.render({}, [path])).rejects.toMatchObject({ code: 'media.limits', retry: false })

  test('when its container states the size', () => expectRejection(huge))

  test('when its container states a small size', async () => {
    const [width, height] = [Buffer.from('b0823e80', 'hex'), Buffer.from('ba823e80', 'hex')]
    const path = await workspace.createFile('mkv', async (at) => {
      const bytes = await readFile(huge)
      for (const tag of [width, height]) Buffer.from([0, 64]).copy(bytes, bytes.indexOf(tag) + 2)
      await writeFile(at, bytes)
    })
    await expectRejection(path)
  })
})
