import { copyFile, readFile, writeFile } from 'node:fs/promises'
import { describe, expect, test } from '@jest/globals'
import { ffmpeg } from '#test/clips.ts'
import { generated, lavfi, PICTURE, TONE, useHostileWorkspace, type WriteFile } from './hostile-workspace.ts'
import { measure } from './media-workspace.ts'

const room = useHostileWorkspace()

describe('comes out right', () => {
  const clip =
    (...options: string[]): WriteFile =>
    async (path) =>
      copyFile(await room.clip({ options }), path)
  const turned =
    (degrees: string): WriteFile =>
    async (path) =>
      ffmpeg(['-i', await room.clip(), '-c', 'copy', '-metadata:s:v:0', `rotate=${degrees}`, path])
  const cases: [string, string, WriteFile, number?][] = [
    [
      'bytes of a zip after the end',
      'mp4',
      room.changed((bytes) => Buffer.concat([bytes, Buffer.from('PK\u0003\u0004 and so on')])),
    ],
    [
      'odd sides',
      'mkv',
      generated(...lavfi('testsrc2=size=63x63:rate=24:duration=2'), '-c:v', 'ffv1', '-pix_fmt', 'yuv444p'),
    ],
    [
      'one pixel',
      'mkv',
      generated(...lavfi(PICTURE), '-vf', 'scale=1:1', '-c:v', 'ffv1', '-pix_fmt', 'yuv444p'),
    ],
    ['pixels that are not square', 'mp4', clip('-vf', 'setsar=7/3')],
    ['a quarter turn', 'mp4', turned('90')],
    ['a half turn', 'mp4', turned('180')],
    ['uneven frames', 'mp4', clip('-vf', "select='lt(n,5)+gt(n,40)'", '-fps_mode', 'vfr')],
    [
      '1,000 frames per second',
      'mp4',
      generated(...lavfi('testsrc2=size=32x32:rate=1000:duration=2'), '-preset', 'ultrafast'),
    ],
    ['one frame', 'mp4', generated(...lavfi(PICTURE), '-frames:v', '1'), 0.04],
    ['a start other than 0', 'ts', generated(...lavfi(PICTURE, TONE), '-output_ts_offset', '1000')],
    ['timestamps that wrap around', 'ts', generated(...lavfi(PICTURE, TONE), '-output_ts_offset', '95443')],
    [
      'negative timestamps',
      'mkv',
      generated('-itsoffset', '-0.5', ...lavfi(PICTURE), ...lavfi(TONE), '-avoid_negative_ts', 'disabled'),
    ],
    [
      'no duration',
      'mkv',
      async (path) => ffmpeg(['-i', await room.clip(), '-c', 'copy', '-live', '1', '-f', 'matroska', path]),
    ],
    ['raw H.264', 'h264', generated(...lavfi(PICTURE))],
    [
      'sound longer than the picture',
      'mp4',
      generated(...lavfi('testsrc2=size=96x64:rate=24:duration=1', TONE)),
    ],
    ['sound shorter than the picture', 'mp4', generated(...lavfi(PICTURE, 'sine=duration=0.5'))],
    [
      'a picture that comes late',
      'mp4',
      generated(...lavfi(TONE), '-itsoffset', '1', ...lavfi('testsrc2=size=96x64:rate=24:duration=1')),
    ],
    ['5.1 sound', 'mp4', clip('-ac', '6')],
    ['8 kHz sound', 'mov', generated(...lavfi(PICTURE, TONE), '-c:a', 'pcm_mulaw', '-ar', '8000')],
    [
      'two pictures',
      'mkv',
      generated(...lavfi(PICTURE, 'testsrc=size=64x64:rate=5:duration=2'), '-map', '0', '-map', '1'),
    ],
    [
      'cover art beside the picture',
      'mp4',
      generated(
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
      generated(
        ...lavfi(PICTURE),
        '-c:v',
        'libx265',
        '-x265-params',
        'log-level=error:colorprim=bt2020:transfer=smpte2084:colormatrix=bt2020nc',
        '-pix_fmt',
        'yuv420p10le',
      ),
    ],
    ['10 bits of 4:2:2', 'mov', generated(...lavfi(PICTURE), '-c:v', 'prores_ks', '-pix_fmt', 'yuv422p10le')],
    [
      'interlaced',
      'ts',
      generated(...lavfi(PICTURE), '-c:v', 'mpeg2video', '-flags', '+ildct+ilme', '-top', '1'),
    ],
    ['transparency', 'mov', generated(...lavfi(`${PICTURE},format=argb`), '-c:v', 'qtrle')],
    [
      'an edit list',
      'mp4',
      async (path) =>
        ffmpeg([
          '-ss',
          '0.7',
          '-i',
          await room.clip({ seconds: 3, options: ['-g', '24'] }),
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
        const one = await readFile(await room.clip({ seconds: 1, ending: 'ts' }))
        const two = await readFile(
          await room.clip({ seconds: 1, size: '64x96', ending: 'ts', options: ['-output_ts_offset', '1'] }),
        )
        await writeFile(path, Buffer.concat([one, two]))
      },
    ],
  ]
  test.each(cases)('%s', async (_, ending, put, seconds = 2) => {
    const { outputs } = await room.reel(await room.hostile(ending, put))
    const [output] = outputs
    expect(output).toMatchObject({ width: 64, height: 36, video_codec: 'h264', audio_codec: 'aac' })
    const { videoSeconds, audioSeconds } = await measure(output?.path)
    expect(Math.abs(videoSeconds - seconds)).toBeLessThan(0.1)
    expect(Math.abs(videoSeconds - audioSeconds)).toBeLessThan(0.05)
  })
})

describe('ten minutes of black in a few kilobytes', () => {
  const BLACK = generated(...lavfi('color=black:s=96x64:r=4:d=600'), '-preset', 'ultrafast', '-g', '40')
  test('are made whole', async () => {
    const path = await room.hostile('mkv', BLACK)
    const { outputs } = await room.reel(path)
    expect(outputs[0]?.seconds).toBeCloseTo(600, 1)
    expect(outputs[0]?.bytes).toBeLessThan(20_000_000)
  })

  test('take only the time that is asked for', async () => {
    const path = await room.hostile('mkv', BLACK)
    const { outputs } = await room.make(
      { trims: [{ start: 590, duration: 1 }], output: { quality: 'draft' } },
      [path],
    )
    expect(outputs[0]?.seconds).toBeCloseTo(1, 1)
  })
})
