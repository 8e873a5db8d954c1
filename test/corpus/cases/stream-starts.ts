import { audioClip, beeps, clip, clock, encoded, H264, plays, silentClip, stands } from '../inputs.ts'
import type { CorpusCase, Input, Kind } from '../types.ts'
import { ENCODE } from './recipes.ts'

const rendered = (id: string, title: string, input: Input, more: Partial<CorpusCase>): CorpusCase => ({
  ...{ id, title, inputs: [input], recipe: ENCODE, right: {} },
  ...more,
})
const shifted = (extension: string, offset: [number, number]): Input => ({
  extension,
  args: [
    '-itsoffset',
    String(offset[0]),
    '-i',
    silentClip('mp4'),
    '-itsoffset',
    String(offset[1]),
    '-i',
    audioClip('m4a'),
    '-c',
    'copy',
  ],
})

export const starts: Kind = {
  title: 'Streams of unlike length and start',
  cases: [
    rendered('audio-late', 'Audio begins 2.2 s after the video', shifted('mp4', [0, 2.2]), {
      reports: 'rigaya/NVEnc#386',
      right: { seconds: 6.2, scenes: [plays(0, 3.95, 0), stands(4.05, 6.2, 119)] },
    }),
    rendered('video-late', 'Video begins 1.5 s after the audio', shifted('mp4', [1.5, 0]), {
      right: { seconds: 5.5, scenes: [plays(1.6, 5.5, 3)], framesWithin: 2 },
    }),
    rendered('audio-late-ts', 'Audio begins late in MPEG-TS', shifted('ts', [0, 2.2]), {
      right: { seconds: 6.2, within: 0.15, scenes: [plays(0, 3.9, 0)] },
    }),
    rendered('audio-shorter', 'Audio ends before the video', encoded('mp4', [clock(4), beeps(2)], H264), {
      right: { seconds: 4, scenes: [plays(0, 4, 0)] },
    }),
    rendered(
      'audio-gap',
      'Two seconds without audio packets',
      encoded('mkv', [clock(6), beeps(6)], `${H264} -af aselect='lt(t,2)+gte(t,4)' -c:a mp3`),
      {
        right: { seconds: 6, scenes: [plays(0, 6, 0)] },
      },
    ),
    rendered('no-audio', 'Video without audio', silentClip('mp4'), {
      right: { seconds: 4, scenes: [plays(0, 4, 0)] },
    }),
    rendered('one-frame', 'One frame', encoded('mp4', [clock(1)], `${H264} -frames:v 1`), {
      right: { within: 0.05, scenes: [stands(0, 0.03, 0)] },
    }),
    rendered(
      'two-frames',
      'Two frames, preset `convert`',
      encoded('mp4', [clock(1)], `${H264} -frames:v 2`),
      {
        ...{ recipe: 'convert', right: { within: 0.05, scenes: [plays(0, 0.06, 0)] } },
      },
    ),
    rendered(
      'open-gop-trim',
      'Open GOPs of HEVC in MP4, trimmed',
      clip(
        'mp4',
        '-c:v libx265 -preset ultrafast -x265-params open-gop=1:keyint=40:log-level=error -pix_fmt yuv420p -tag:v hvc1',
        6,
      ),
      {
        ...{ reports: 'gpac/gpac#864', trims: [{ start: 2.7, duration: 2 }] },
        right: { seconds: 2, scenes: [plays(0, 2, 81)], beats: [0.3, 1.3] },
      },
    ),
  ],
}
