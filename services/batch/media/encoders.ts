import type { Canvas, Matrix } from './canvas.ts'

const TAGS: Record<Matrix, string> = { bt709: 'bt709', bt601: 'smpte170m' }

/** How the picture is said to be coloured; players guess otherwise, each in its own way. */
export function colourTags({ matrix }: Pick<Canvas, 'matrix'>): string[] {
  const tag = TAGS[matrix]
  return ['-colorspace', tag, '-color_primaries', tag, '-color_trc', tag, '-color_range', 'tv']
}

/** H.264 as every player takes it. One pass of veryfast beats two of medium: frames are encoded once. */
export const h264 = (canvas: Canvas): string[] => [
  ...['-c:v', 'libx264', '-preset', 'veryfast', '-crf', '22', '-pix_fmt', 'yuv420p', '-fps_mode', 'cfr'],
  ...colourTags(canvas),
]

export const aac: string[] = ['-c:a', 'aac', '-b:a', '128k']

// A source's titles and places it was filmed at are nobody else's business; its chapters no longer fit.
export const anonymous: string[] = ['-map_metadata', '-1', '-map_chapters', '-1']
