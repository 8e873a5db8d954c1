import { copyFile, readFile, writeFile } from 'node:fs/promises'
import { beforeAll, describe, expect, test } from '@jest/globals'
import { ffmpeg } from '#test/clips.ts'
import { type FileWriter, generated, lavfi, TONE, useHostileWorkspace, VIDEO } from './hostile-workspace.ts'
import { measure } from './media-workspace.ts'

const workspace = useHostileWorkspace()

describe('renders correctly', () => {
  const clip =
    (...options: string[]): FileWriter =>
    async (path) =>
      copyFile(await workspace.clip({ options }), path)
  const rotated =
    (degrees: string): FileWriter =>
    async (path) =>
      ffmpeg(['-i', await workspace.clip(), '-c', 'copy', '-metadata:s:v:0', `rotate=${degrees}`, path])
  const INTERLACED = ['-c:v', 'mpeg2video', '-flags', '+ildct+ilme', '-vf', 'setfield=tff']
  /** Two seconds, of which the second has another frame size. */
  const resized =
    (options: string[] = []): FileWriter =>
    async (path) => {
      const [wide, tall] = await Promise.all([
        workspace.clip({ seconds: 1, extension: 'ts', options }),
        workspace.clip({
          seconds: 1,
          size: '64x96',
          extension: 'ts',
          options: [...options, '-output_ts_offset', '1'],
        }),
      ])
      await writeFile(path, Buffer.concat([await readFile(wide), await readFile(tall)]))
    }
  const cases: [string, string, FileWriter, number?][] = [
    [
      'bytes of a ZIP after the end',
      'mp4',
      workspace.modifiedClip((bytes) => Buffer.concat([bytes, Buffer.from('PK\u0003\u0004 and so on')])),
    ],
    [
      'odd width and height',
      'mkv',
      generated(...lavfi('testsrc2=size=63x63:rate=24:duration=2'), '-c:v', 'ffv1', '-pix_fmt', 'yuv444p'),
    ],
    [
      'one pixel',
      'mkv',
      generated(...lavfi(VIDEO), '-vf', 'scale=1:1', '-c:v', 'ffv1', '-pix_fmt', 'yuv444p'),
    ],
    ['pixels that are not square', 'mp4', clip('-vf', 'setsar=7/3')],
    ['a quarter turn', 'mp4', rotated('90')],
    ['a half turn', 'mp4', rotated('180')],
    ['a variable frame rate', 'mp4', clip('-vf', "select='lt(n,5)+gt(n,40)'", '-fps_mode', 'vfr')],
    [
      '1,000 frames per second',
      'mp4',
      generated(...lavfi('testsrc2=size=32x32:rate=1000:duration=2'), '-preset', 'ultrafast'),
    ],
    ['one frame', 'mp4', generated(...lavfi(VIDEO), '-frames:v', '1'), 0.04],
    ['a start other than 0', 'ts', generated(...lavfi(VIDEO, TONE), '-output_ts_offset', '1000')],
    ['timestamps that wrap around', 'ts', generated(...lavfi(VIDEO, TONE), '-output_ts_offset', '95443')],
    [
      'negative timestamps',
      'mkv',
      generated('-itsoffset', '-0.5', ...lavfi(VIDEO), ...lavfi(TONE), '-avoid_negative_ts', 'disabled'),
    ],
    [
      'no stated duration',
      'mkv',
      async (path) =>
        ffmpeg(['-i', await workspace.clip(), '-c', 'copy', '-live', '1', '-f', 'matroska', path]),
    ],
    ['raw H.264', 'h264', generated(...lavfi(VIDEO))],
    [
      'audio longer than the video',
      'mp4',
      generated(...lavfi('testsrc2=size=96x64:rate=24:duration=1', TONE)),
    ],
    ['audio shorter than the video', 'mp4', generated(...lavfi(VIDEO, 'sine=duration=0.5'))],
    [
      'video that starts late',
      'mp4',
      generated(...lavfi(TONE), '-itsoffset', '1', ...lavfi('testsrc2=size=96x64:rate=24:duration=1')),
    ],
    ['5.1 audio', 'mp4', clip('-ac', '6')],
    ['8 kHz audio', 'mov', generated(...lavfi(VIDEO, TONE), '-c:a', 'pcm_mulaw', '-ar', '8000')],
    [
      'two video streams',
      'mkv',
      generated(...lavfi(VIDEO, 'testsrc=size=64x64:rate=5:duration=2'), '-map', '0', '-map', '1'),
    ],
    [
      'cover art beside the video',
      'mp4',
      generated(
        ...lavfi(VIDEO, 'color=red:s=64x64:d=0.04'),
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
      generated(
        ...lavfi(VIDEO),
        '-c:v',
        'libx265',
        '-x265-params',
        'log-level=error:colorprim=bt2020:transfer=smpte2084:colormatrix=bt2020nc',
        '-pix_fmt',
        'yuv420p10le',
      ),
    ],
    ['10 bits of 4:2:2', 'mov', generated(...lavfi(VIDEO), '-c:v', 'prores_ks', '-pix_fmt', 'yuv422p10le')],
    ['interlaced', 'ts', generated(...lavfi(VIDEO), ...INTERLACED)],
    ['transparency', 'mov', generated(...lavfi(`${VIDEO},format=argb`), '-c:v', 'qtrle')],
    [
      'an edit list',
      'mp4',
      async (path) =>
        ffmpeg([
          '-ss',
          '0.7',
          '-i',
          await workspace.clip({ seconds: 3, options: ['-g', '24'] }),
          '-t',
          '2',
          '-c',
          'copy',
          path,
        ]),
    ],
    ['a frame size that changes half way', 'ts', resized()],
    ['interlaced, with a frame size that changes half way', 'ts', resized(INTERLACED)],
  ]
  test.each(cases)('%s', async (_, extension, write, seconds = 2) => {
    const { outputs } = await workspace.renderSmall(await workspace.createFile(extension, write))
    const [output] = outputs
    expect(output).toMatchObject({ width: 64, height: 36, video_codec: 'h264', audio_codec: 'aac' })
    const { videoSeconds, audioSeconds } = await measure(output?.path)
    expect(Math.abs(videoSeconds - seconds)).toBeLessThan(0.1)
    expect(Math.abs(videoSeconds - audioSeconds)).toBeLessThan(0.05)
  })
})

describe('ten minutes of black video in a few kilobytes', () => {
  let path: string
  beforeAll(async () => {
    const black = generated(...lavfi('color=black:s=96x64:r=4:d=600'), '-preset', 'ultrafast', '-g', '40')
    path = await workspace.createFile('mkv', black)
  })

  test('are rendered completely', async () => {
    const { outputs } = await workspace.renderSmall(path)
    expect(outputs[0]?.seconds).toBeCloseTo(600, 1)
    expect(outputs[0]?.bytes).toBeLessThan(20_000_000)
  })

  test('take only as long as the trim', async () => {
    const { outputs } = await workspace.render(
      { trims: [{ start: 590, duration: 1 }], output: { quality: 'draft' } },
      [path],
    )
    expect(outputs[0]?.seconds).toBeCloseTo(1, 1)
  })
})
