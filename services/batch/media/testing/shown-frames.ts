import { execFile } from 'node:child_process'
import { promisify } from 'node:util'

const run = promisify(execFile)

/** A video source of ffmpeg whose brightness counts its frames, up to 219: `brightnessOf(n)` is that of frame n. */
export const countingVideo = (seconds: number, rate = 30): string[] => [
  ...['-f', 'lavfi', '-i'],
  // geq counts in the limited range that every decoder keeps.
  `color=black:s=64x64:r=${rate}:d=${seconds},format=yuv420p,geq=lum='16+mod(N\\,220)':cb=128:cr=128`,
]

/** The numbers of the frames that a file shows, one for each of its frames; see `countingVideo`. */
export async function shownFrames(path = ''): Promise<number[]> {
  const { stdout } = await run(
    'ffmpeg',
    [
      ...['-nostdin', '-v', 'error', '-i', path, '-vf', 'crop=16:16:24:24,scale=1:1:flags=area:out_range=tv'],
      ...['-pix_fmt', 'yuv420p', '-f', 'rawvideo', '-'],
    ],
    { encoding: 'buffer' },
  )
  // One pixel is three bytes, of which the first is its brightness.
  return [...stdout].filter((_, i) => i % 3 === 0).map((brightness) => brightness - 16)
}
