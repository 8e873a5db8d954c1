import type { z } from 'zod'
import type { PresetName } from '#shared/contract/presets.ts'
import type { Recipe } from '#shared/contract/recipe.ts'
import {
  aspectOf,
  type BumperChoice,
  type Choices,
  CODECS,
  isAudible,
  isAudio,
  type Size,
} from './choices.ts'

type RecipeInput = z.input<typeof Recipe>

/** What the page sends to POST /tasks. */
export type TaskBody = {
  sources?: SourceBody[]
  preset?: PresetName
  recipe?: Omit<RecipeInput, 'sources'> & { sources?: SourceBody[] }
}
export type SourceBody = ({ url: string } | { upload_id: string }) & {
  trim?: { start: number; duration?: number; at_most?: boolean }
}

/** Assumed where the size of a source is not known. */
const USUAL_SIZE: Size = { width: 1920, height: 1080 }

/**
 * The request for one task that joins these sources. What a format does not support is left out. `video`: the displayed size of the
 * first source.
 */
export function taskBody(sources: SourceBody[], choices: Choices, video: Size = USUAL_SIZE): TaskBody {
  if (choices.kind !== 'clip') return { preset: choices.kind, sources }
  const { limit, format, audio, split } = choices
  const limited = (source: SourceBody): SourceBody =>
    source.trim || limit === undefined
      ? source
      : { ...source, trim: { start: 0, duration: limit, at_most: true } }
  return {
    recipe: {
      sources: sources.map(limited),
      ...(split !== undefined && format !== 'gif' && { split: { every: split } }),
      ...(!isAudio(format) && videoEdits(choices)),
      ...(audio !== 'keep' && format !== 'gif' && !(audio === 'mute' && isAudio(format)) && { audio }),
      output: outputOf(choices, video),
    },
  }
}

function videoEdits(choices: Choices): Pick<RecipeInput, 'frame' | 'bumper' | 'watermark'> {
  const { watermark } = choices
  const bumper = bumperOf(choices)
  const frame = frameOf(choices)
  return {
    ...(frame && { frame }),
    ...(bumper && { bumper }),
    ...(watermark && {
      watermark: { ...watermark, image: { upload_id: watermark.image.uploadId.value ?? 'UPLOAD_ID' } },
    }),
  }
}

function frameOf({
  shape,
  width,
  height,
  fit,
  position,
  background,
  upscale,
}: Choices): RecipeInput['frame'] {
  if (shape === 'keep') return undefined
  const size = shape === 'custom' ? { width, height, ...(upscale && { upscale }) } : { aspect: shape }
  if (fit === 'crop') return { ...size, fit, ...(isMiddle(position) ? {} : { position }) }
  if (fit === 'stretch') return { ...size, fit }
  if (fit === 'blur') return { ...size, fit: 'pad', background: 'blur' }
  return { ...size, fit: 'pad', ...(background !== '#000000' && { background }) }
}

const isMiddle = ({ x, y }: Choices['position']) => x === 0.5 && y === 0.5

/** Parts have no bumper clips. */
function bumperOf({ intro, outro, split }: Choices): RecipeInput['bumper'] {
  const toBumper = (choice: BumperChoice | undefined) => {
    if (!choice || (choice.kind === 'clip' && split !== undefined)) return undefined
    const { kind, seconds } = choice
    return kind === 'logo'
      ? { seconds }
      : { seconds, [kind]: { upload_id: choice.asset.uploadId.value ?? 'UPLOAD_ID' } }
  }
  const [first, last] = [toBumper(intro), toBumper(outro)]
  return first || last ? { ...(first && { intro: first }), ...(last && { outro: last }) } : undefined
}

function outputOf(choices: Choices, video: Size): NonNullable<RecipeInput['output']> {
  const { format, quality, codec, fps, size, audioBitrate } = choices
  const hasVideo = !isAudio(format)
  const hasBitrate = audioBitrate !== undefined && isAudible(choices) && format !== 'wav'
  return {
    format,
    ...(codec && CODECS[format].includes(codec) && { codec }),
    ...(quality !== 'auto' && hasVideo && format !== 'gif' && { quality }),
    ...(hasVideo && size !== 'source' && { width: widthFor(size, aspectOf(choices, video)) }),
    ...(hasVideo && fps !== undefined && { fps }),
    ...(hasBitrate && { audio_bitrate: format === 'mp3' ? Math.min(audioBitrate, 320) : audioBitrate }),
  }
}

/** The width of a frame whose shorter side has this length: even, and within what the service takes. */
function widthFor(shorter: number, aspect: number): number {
  const width = aspect > 1 ? shorter * aspect : shorter
  return Math.min(4096, Math.max(16, Math.round(width / 2) * 2))
}
