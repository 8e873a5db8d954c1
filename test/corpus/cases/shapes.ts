import {
  beeps,
  clip,
  clock,
  edited,
  encoded,
  everySecond,
  H264,
  plays,
  silentClip,
  stands,
} from '../inputs.ts'
import type { CorpusCase, Input, Kind } from '../types.ts'
import { COPY, ENCODE } from './recipes.ts'

const whole = { seconds: 4, scenes: [plays(0, 4, 0)], beats: everySecond(4) }
const shaped = (id: string, title: string, input: Input, more: Partial<CorpusCase> = {}): CorpusCase => ({
  ...{ id, title, inputs: [input], recipe: ENCODE, right: whole },
  ...more,
})

/** Writes the display matrix of an MP4's video track: a, b, c, d of 16.16 fixed point, and shifts x and y. */
const turned = (input: Input, [a, b, c, d]: [number, number, number, number], [x, y] = [0, 0]): Input =>
  edited(input, (bytes) => {
    const matrix = bytes.indexOf('tkhd') + 44
    for (const [i, value] of [a, b, 0, c, d, 0, x, y].entries())
      bytes.writeInt32BE(value * 0x10000, matrix + i * 4)
    return bytes
  })
const sideways = (direction: string) => encoded('mov', [`${clock(4)},transpose=${direction}`, beeps(4)], H264)

export const shapes: Kind = {
  title: 'Rotation, pixel shapes, interlacing, frame rates',
  cases: [
    shaped(
      'rotated-90',
      'Phone held upright, rotated by 90 degrees',
      turned(sideways('cclock'), [0, 1, -1, 0], [180, 0]),
      {
        ...{ reports: 'immich-app/immich#30511', right: { ...whole, size: '320x180' } },
      },
    ),
    shaped('rotated-270', 'Rotated by 270 degrees', turned(sideways('clock'), [0, -1, 1, 0], [0, 320]), {
      right: { ...whole, size: '320x180' },
    }),
    shaped(
      'rotated-180',
      'Rotated by 180 degrees',
      turned(encoded('mov', [`${clock(4)},hflip,vflip`, beeps(4)], H264), [-1, 0, 0, -1], [320, 180]),
      {
        right: { ...whole, size: '320x180' },
      },
    ),
    shaped(
      'rotated-copied',
      'Rotated by 90 degrees, copied',
      turned(sideways('cclock'), [0, 1, -1, 0], [180, 0]),
      { recipe: COPY },
    ),
    shaped(
      'rotated-silent',
      'Rotated by 90 degrees, without audio',
      turned(encoded('mov', [`${clock(4)},transpose=cclock`], H264), [0, 1, -1, 0], [180, 0]),
      {
        right: { seconds: 4, size: '320x180', scenes: [plays(0, 4, 0)] },
      },
    ),
    shaped(
      'anamorphic',
      'Anamorphic PAL, 16:9 in 720x576',
      encoded(
        'mpg',
        [`${clock(4, 25)},scale=720:576,setsar=64/45`, beeps(4)],
        '-c:v mpeg2video -q:v 3 -c:a mp2',
      ),
      {
        right: { ...whole, size: '1024x576', fps: 25, scenes: [plays(0, 4, 0, 25)] },
      },
    ),
    shaped(
      'interlaced-mpeg2',
      'Interlaced PAL, MPEG-2',
      encoded(
        'mpg',
        [`${clock(4, 50)},scale=720:576,setsar=64/45,interlace`, beeps(4)],
        '-c:v mpeg2video -q:v 3 -flags +ilme+ildct -c:a mp2',
      ),
      {
        right: { seconds: 4, size: '1024x576', fps: 25, beats: everySecond(4) },
      },
    ),
    shaped(
      'interlaced-h264',
      'Interlaced H.264 (1080i style)',
      encoded(
        'ts',
        [`${clock(4, 50)},scale=720:576,interlace`, beeps(4)],
        `${H264} -flags +ilme+ildct -x264-params tff=1`,
      ),
      {
        right: { seconds: 4, fps: 25, beats: everySecond(4) },
      },
    ),
    shaped(
      'odd-size',
      'Odd size, 4:4:4: 321x179',
      encoded(
        'mp4',
        [`${clock(4)},scale=321:179,setsar=1`, beeps(4)],
        '-c:v libx264 -preset veryfast -pix_fmt yuv444p',
      ),
      {
        ...{ recipe: 'convert', right: { ...whole, size: '320x178' } },
      },
    ),
    shaped('ntsc', '29.97 fps', clip('mp4', H264, 4, '30000/1001'), {
      right: { ...whole, fps: 30_000 / 1001 },
    }),
    shaped('film', '23.976 fps', clip('mkv', H264, 4, '24000/1001'), {
      right: {
        seconds: 4,
        fps: 24_000 / 1001,
        scenes: [plays(0, 4, 0, 24_000 / 1001)],
        beats: everySecond(4),
      },
    }),
    shaped('sixty', '60 fps', clip('mp4', H264, 4, 60), {
      right: { ...whole, fps: 60, scenes: [plays(0, 4, 0, 60)] },
    }),
    shaped('fast', '120 fps becomes 60', clip('mp4', H264, 2, 120), {
      right: { seconds: 2, fps: 60, scenes: [plays(0, 2, 0, 120)], beats: [0, 1] },
    }),
    shaped('slow', '5 fps time lapse', clip('mp4', H264, 4, 5), {
      right: { seconds: 4, fps: 5, scenes: [plays(0, 4, 0, 5)], beats: everySecond(4) },
    }),
    shaped(
      'gif-delays',
      'GIF with uneven delays and odd height',
      encoded('gif', [`${clock(4, 20)},select='lt(t,1)+gte(t,3)',scale=320:181`], '-fps_mode vfr'),
      {
        right: {
          seconds: 4,
          within: 0.15,
          scenes: [plays(0, 0.95, 0, 20), stands(1.05, 2.95, 19), plays(3.05, 3.9, 61, 20)],
        },
      },
    ),
    shaped('gif-output', 'MP4 to GIF', silentClip('mp4', H264, 2), {
      ...{
        recipe: { output: { format: 'gif', fps: 10 } },
        right: { streams: 'video', seconds: 2, scenes: [plays(0, 2, 0)], framesWithin: 2 },
      },
    }),
    shaped('apng', 'Animated PNG', encoded('apng', [clock(2)], '-plays 0 -f apng'), {
      right: { seconds: 2, scenes: [plays(0, 2, 0)] },
    }),
    shaped(
      'alpha',
      'VP9 with alpha',
      encoded(
        'webm',
        [`${clock(2)},format=yuva420p`],
        '-c:v libvpx-vp9 -deadline realtime -cpu-used 8 -b:v 600k -auto-alt-ref 0',
      ),
      {
        right: { seconds: 2, scenes: [plays(0, 2, 0)] },
      },
    ),
    shaped(
      'tiny',
      'One pixel',
      encoded('mkv', ['testsrc2=s=16x16:r=10:d=1,format=rgb24,scale=1:1'], '-c:v ffv1'),
      {
        right: { seconds: 1, size: '2x2' },
      },
    ),
  ],
}
