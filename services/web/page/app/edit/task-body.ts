import type { z } from 'zod'
import type { PresetName } from '#shared/contract/presets.ts'
import type { Recipe } from '#shared/contract/recipe.ts'
import {
  aspectOf,
  audioOf,
  type BumperChoice,
  type Choices,
  CRF,
  codecOf,
  filesOf,
  hasVideo,
  isAudible,
  isAudio,
  isSplit,
  type OutputChoice,
  type Size,
  sampleRatesOf,
  widthFor,
} from './choices.ts'

type RecipeInput = z.input<typeof Recipe>

/** What the page sends to POST /tasks. */
export type TaskBody = {
  sources?: SourceBody[]
  preset?: PresetName
  recipe?: Omit<RecipeInput, 'sources'> & { sources?: SourceBody[] }
}
export type SourceBody = ({ url: string; headers?: Record<string, string> } | { upload_id: string }) & {
  trim?: { start: number; duration?: number; at_most?: boolean }
}

/** Assumed where the size of a source is not known. */
export const USUAL_SIZE: Size = { width: 1920, height: 1080 }

/**
 * The request for one task that joins these sources. What a format does not support is left out. `video`: the displayed size of the
 * first source.
 */
export function taskBody(sources: SourceBody[], choices: Choices, video: Size = USUAL_SIZE): TaskBody {
  if (choices.kind !== 'clip') return { preset: choices.kind, sources }
  const { limit, split, thumbnails } = choices
  const audio = audioOf(choices)
  const limited = (source: SourceBody): SourceBody =>
    source.trim || limit === undefined
      ? source
      : { ...source, trim: { start: 0, duration: limit, at_most: true } }
  return {
    recipe: {
      sources: sources.map(limited),
      ...(split !== undefined && isSplit(choices) && { split: { every: split } }),
      ...(hasVideo(choices) && videoEdits(choices)),
      ...(audio !== 'keep' && { audio }),
      ...outputsOf(choices, aspectOf(choices, video)),
      ...(thumbnails && hasVideo(choices) && !isSplit(choices) && { thumbnails }),
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

type OutputInput = NonNullable<RecipeInput['output']>

/** One file, or several with a name each where their formats are the same. `aspect`: of the frame. */
function outputsOf(choices: Choices, aspect: number): Pick<RecipeInput, 'output' | 'outputs'> {
  const audio = audioOf(choices)
  const [first = {}, ...more] = filesOf(choices).map((file) => outputOf(file, audio, aspect))
  return more.length === 0 ? { output: first } : { outputs: withNames([first, ...more]) }
}

function outputOf(file: OutputChoice, audio: Choices['audio'], aspect: number): OutputInput {
  const { name, format, codec, fps, size, audioBitrate, sampleRate, channels } = file
  const isVideo = !isAudio(format)
  const hasAudio = isAudible(format, audio)
  const hasBitrate = hasAudio && audioBitrate !== undefined && format !== 'wav'
  const hasRate = hasAudio && sampleRate !== undefined && sampleRatesOf(format).includes(sampleRate)
  return {
    ...(name !== undefined && { name }),
    format,
    ...(codec && codecOf(file) === codec && { codec }),
    ...rateControlOf(file),
    ...(isVideo && size !== 'source' && { width: widthFor(size, aspect) }),
    ...(isVideo && fps !== undefined && { fps }),
    ...(hasBitrate && { audio_bitrate: format === 'mp3' ? Math.min(audioBitrate, 320) : audioBitrate }),
    ...(hasRate && { sample_rate: sampleRate }),
    ...(hasAudio && channels !== undefined && { channels }),
  }
}

function rateControlOf(file: OutputChoice): Pick<OutputInput, 'quality' | 'crf' | 'bitrate'> {
  const { quality, crf, bitrate } = file
  const codec = codecOf(file)
  if (!codec) return {}
  if (bitrate !== undefined) return { bitrate }
  if (crf !== undefined) return { crf: Math.min(crf, CRF[codec].max) }
  return quality === 'auto' ? {} : { quality }
}

/** Files of one format get a number behind their name. */
function withNames(outputs: OutputInput[]): OutputInput[] {
  const taken = new Set<string>()
  return outputs.map((output) => {
    const { name = 'output', format = 'mp4' } = output
    let free = name
    for (let number = 2; taken.has(`${free}.${format}`); number++) free = `${name.slice(0, 56)}-${number}`
    taken.add(`${free}.${format}`)
    return free === 'output' ? output : { ...output, name: free }
  })
}
