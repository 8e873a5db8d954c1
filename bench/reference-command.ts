import { join } from 'node:path'

export const LOGO = join(import.meta.dirname, '../services/batch/media/assets/logo.png')

/**
 * The ffmpeg command that the product is compared with: the first 18 s of a clip in 640x360, a second of logo before and
 * after, audio throughout, one encode.
 */
export function referenceCommand(input: string, output: string): string[] {
  const graph = [
    '[0:v:0]scale=640:360:force_original_aspect_ratio=decrease:force_divisible_by=2,' +
      'pad=640:360:(ow-iw)/2:(oh-ih)/2,setsar=1,fps=24,format=yuv420p,setpts=PTS-STARTPTS[v]',
    '[1:v]scale=640:360,setsar=1,format=yuv420p,loop=loop=23:size=1:start=0,settb=1/24,setpts=N,fps=24,split[b0][b1]',
    '[0:a:0]aresample=48000:async=1:first_pts=0,aformat=sample_fmts=fltp:channel_layouts=stereo,' +
      'apad=whole_dur=18,atrim=0:18[a]',
    'anullsrc=r=48000:cl=stereo,atrim=0:1,asplit[s0][s1]',
    '[b0][s0][v][a][b1][s1]concat=n=3:v=1:a=1[ov][oa]',
  ].join(';')
  return [
    ...['-nostdin', '-hide_banner', '-loglevel', 'error', '-y', '-t', '18', '-i', input, '-i', LOGO],
    ...['-filter_complex', graph, '-map', '[ov]', '-map', '[oa]'],
    ...['-c:v', 'libx264', '-preset', 'veryfast', '-crf', '22', '-c:a', 'aac', '-b:a', '128k'],
    ...['-movflags', '+faststart', output],
  ]
}
