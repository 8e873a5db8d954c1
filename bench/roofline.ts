import { join } from 'node:path'
import type { Run } from '#batch/media/ffmpeg/command-line.ts'
import { ffmpeg } from '#test/clips.ts'

const QUIET = ['-nostdin', '-hide_banner', '-loglevel', 'error', '-nostats', '-y']
const SCALE =
  'scale=640:360:force_original_aspect_ratio=decrease:force_divisible_by=2,pad=640:360:(ow-iw)/2:(oh-ih)/2,setsar=1'

/**
 * The work that rendering a reel cannot avoid, each step as a separate command: decoding and scaling the video, encoding the
 * frames with the options of `run`, and transcoding the audio.
 */
export async function roofline(path: string, run: Run, dir: string) {
  const frames = join(dir, 'frames.y4m')
  const file = run.files[0]
  if (!file) throw new Error('The run has no output.')
  // All frames to encode, bumpers included, uncompressed.
  const inputs = run.inputs.flatMap(({ source, options }) => [...options, '-i', source])
  const [video = '', audio] = mapped(file.options)
  const drop = audio ? ['-map', audio, '-f', 'null', '-'] : []
  const raw = ['-map', video, '-fps_mode', 'cfr', '-f', 'yuv4mpegpipe', '-strict', '-1', frames]
  await ffmpeg([...inputs, '-filter_complex', run.graph, ...raw, ...drop])
  return {
    decode: [...QUIET, '-t', '18', '-i', path, '-an', '-vf', SCALE, '-f', 'null', '-'],
    encode: [
      ...QUIET,
      '-i',
      frames,
      ...optionsFor(file.options, 'video'),
      '-f',
      'mp4',
      join(dir, 'encoded.mp4'),
    ],
    audio: [
      ...QUIET,
      '-t',
      '18',
      '-i',
      path,
      '-vn',
      ...optionsFor(file.options, 'audio'),
      '-f',
      'mp4',
      join(dir, 'audio.mp4'),
    ],
  }
}

/** The labels that an output maps. */
const mapped = (options: string[]) => options.filter((_, i) => options[i - 1] === '-map')

const KEPT = {
  video: ['-c:v', '-preset', '-crf', '-pix_fmt', '-threads'],
  audio: ['-c:a', '-b:a'],
}

/** The options of an output that control the encoding of one kind of stream. */
function optionsFor(options: string[], kind: keyof typeof KEPT): string[] {
  return options.filter(
    (option, i) => KEPT[kind].includes(option) || KEPT[kind].includes(options[i - 1] ?? ''),
  )
}
