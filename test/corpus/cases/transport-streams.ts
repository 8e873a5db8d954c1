import { clip, everySecond, H264, plays } from '../inputs.ts'
import type { CorpusCase, Input, Kind } from '../types.ts'
import { ENCODE } from './recipes.ts'

export const recorded = clip('ts', `${H264} -g 60 -c:a aac -output_ts_offset 3000`, 8)
const hevc = clip(
  'ts',
  '-c:v libx265 -preset ultrafast -x265-params keyint=120:log-level=error -pix_fmt yuv420p',
  6,
)
const mpeg2 = clip('ts', '-c:v mpeg2video -q:v 3 -g 30 -c:a mp2', 6)

/** A trim of a stream of 30 frames per second that begins with frame 0. */
function trim(
  id: string,
  title: string,
  input: Input,
  [start, duration]: [number, number],
  reports = 'Franiac/TwitchLeecher#140',
): CorpusCase {
  const beats = everySecond(start + duration, Math.ceil(start)).map((second) => second - start)
  return {
    ...{ id, title: `${title}, ${duration} s from ${start} s on`, reports, inputs: [input] },
    ...{ trims: [{ start, duration }], recipe: ENCODE },
    right: { seconds: duration, fps: 30, scenes: [plays(0, duration, start * 30)], beats },
  }
}

export const trims: Kind = {
  title: 'Transport and program streams, trimmed',
  cases: [
    trim('ts-trim-early', 'H.264 in MPEG-TS, starts at 3010 s', recorded, [0.9, 1.5]),
    trim('ts-trim-middle', 'H.264 in MPEG-TS', recorded, [2.5, 4], 'Franiac/TwitchLeecher#139'),
    trim('ts-trim-late', 'H.264 in MPEG-TS', recorded, [4.5, 2], 'sbis04/video_trimmer#22'),
    trim(
      'ts-trim-one-key-frame',
      'H.264 in MPEG-TS, a single key frame',
      clip('ts', `${H264} -g 300 -sc_threshold 0`, 6),
      [2.5, 2],
    ),
    trim(
      'ts-trim-open-gop',
      'H.264 in MPEG-TS, open GOPs',
      clip('ts', `${H264} -x264-params open-gop=1:keyint=48`, 6),
      [2.7, 2],
    ),
    trim('ts-trim-hevc', 'HEVC in MPEG-TS', hevc, [0.5, 3], 'mifi/lossless-cut#204'),
    trim('ts-trim-mpeg2', 'MPEG-2 in MPEG-TS', mpeg2, [2.5, 2]),
    trim(
      'm2ts-trim',
      'AVCHD (.mts), H.264 and AC-3',
      clip('m2ts', `${H264} -g 15 -c:a ac3 -mpegts_m2ts_mode 1`, 6),
      [2.5, 2],
    ),
    trim(
      'ps-trim',
      'MPEG-2 in a program stream (.vob)',
      clip('vob', '-c:v mpeg2video -q:v 3 -g 30 -c:a mp2', 6),
      [2.5, 2],
    ),
    trim(
      'ts-wrap',
      'MPEG-TS whose timestamps wrap at 2^33',
      clip('ts', `${H264} -g 30 -output_ts_offset 95438.7`, 6),
      [2.5, 3],
    ),
  ],
}
