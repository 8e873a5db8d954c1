import { LOGO } from './reference-command.ts'

/** Commands to run one after another, and the file that they produce. */
export type Earlier = { runs: string[][]; output: string }

const QUIET = ['-nostdin', '-hide_banner', '-loglevel', 'error', '-nostats', '-y']
const MEDIUM = ['-c:v', 'libx264', '-preset', 'medium', '-crf', '23']
const LOGO_CLIP = ['-loop', '1', '-framerate', '24', '-t', '1', '-i', LOGO]

/**
 * What earlier systems of this kind do: one run trims and pads, a second joins the logo on both ends and drops the audio.
 * `base` is a path without extension.
 */
export function earlierRuns(input: string, base: string): Earlier {
  const [between, output] = [`${base}-trimmed.mp4`, `${base}.mp4`]
  const pad = 'scale=640:360:force_original_aspect_ratio=decrease,pad=640:360:(ow-iw)/2:(oh-ih)/2'
  const join =
    '[0:v]scale=640:360,setsar=1[i];[2:v]scale=640:360,setsar=1[o];[i][1:v][o]concat=n=3:v=1:a=0[v]'
  return {
    runs: [
      [
        ...QUIET,
        '-i',
        input,
        '-t',
        '18',
        '-vf',
        pad,
        ...MEDIUM,
        '-pix_fmt',
        'yuv420p',
        '-c:a',
        'aac',
        between,
      ],
      [
        ...QUIET,
        ...LOGO_CLIP,
        '-i',
        between,
        ...LOGO_CLIP,
        '-filter_complex',
        join,
        '-map',
        '[v]',
        ...MEDIUM,
      ].concat('-pix_fmt', 'yuv420p', output),
    ],
    output,
  }
}

const IDEAL = [
  '[0:v]trim=start_frame=24:end_frame=456,settb=1/24,setpts=N[result]',
  '[1:v]scale=640:360:force_original_aspect_ratio=decrease:force_divisible_by=2' +
    ':flags=bicubic+accurate_rnd+full_chroma_int,pad=640:360:(ow-iw)/2:(oh-ih)/2,setsar=1,fps=24:start_time=0,' +
    'format=yuv420p,settb=1/24,setpts=N[ideal]',
  '[result][ideal]ssim[o]',
].join(';')

/**
 * Arguments that print the SSIM of a reel's middle part against its source after an ideal scale. Frames are paired by number:
 * timestamps of different time bases would pair the wrong ones. The source's audio is copied to the null muxer because ffmpeg
 * counts time from the first stream in use: where audio starts half a frame before video, as in MPEG-TS, a reel shows its
 * first frame twice.
 */
export const compareToIdeal = (reel: string, source: string): string[] => [
  ...['-nostdin', '-loglevel', 'info', '-nostats', '-i', reel, '-t', '18', '-i', source],
  ...['-filter_complex', IDEAL, '-map', '[o]', '-map', '1:a:0?', '-c:a', 'copy', '-f', 'null', '-'],
]
