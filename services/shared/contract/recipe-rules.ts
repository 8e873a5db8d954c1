import { type FormatName, formatOf, type VideoCodec } from './formats.ts'
import type { Bumper, Frame, Output, Split, Thumbnails, Watermark } from './recipe-parts.ts'

type Fault = { path: (string | number)[]; message: string }

/** A recipe whose fields are right each by itself. */
export type RecipeFields = {
  split?: Split | undefined
  frame?: Frame | undefined
  bumper?: Bumper | undefined
  watermark?: Watermark | undefined
  audio: 'keep' | 'mute' | 'normalize'
  output?: Output | undefined
  outputs?: Output[] | undefined
  thumbnails?: Thumbnails | undefined
}

/** What is wrong between the fields of a recipe that are each right, with the path of the field to change. */
export function recipeIssues(recipe: RecipeFields): Fault[] {
  const { frame, bumper, output, outputs } = recipe
  const faults: Fault[] = []
  const refuse = (when: unknown, path: Fault['path'], message: string) => {
    if (when) faults.push({ path, message })
  }
  refuse(output && outputs, ['outputs'], 'give either output or outputs')
  if (frame) {
    refuse(!frame.width && !frame.height && !frame.aspect, ['frame', 'width'], 'give a side or an aspect')
    refuse(
      frame.width && frame.height && frame.aspect,
      ['frame', 'aspect'],
      'width and height are the aspect',
    )
    const noBars = frame.fit !== 'pad' && frame.background === 'blur'
    refuse(noBars, ['frame', 'background'], 'blur needs fit: pad')
  }
  for (const end of ['intro', 'outro'] as const) {
    const clip = bumper?.[end]
    refuse(clip?.image && clip.clip, ['bumper', end, 'clip'], 'give either image or clip')
    refuse(
      clip?.clip && recipe.split,
      ['bumper', end, 'clip'],
      'with split, give an image: a clip would have to be decoded again for every part',
    )
  }
  const wanted = outputs ?? (output ? [output] : [])
  const where = (place: number): Fault['path'] => (outputs ? ['outputs', place] : ['output'])
  for (const [place, one] of wanted.entries()) faults.push(...faultsOfOutput(one, recipe, where(place)))
  faults.push(...faultsTogether(recipe, wanted))
  return faults
}

/** Highest crf of each codec. */
const CRF_MAX: Record<VideoCodec, number> = { h264: 51, hevc: 51, av1: 63, vp9: 63 }

function faultsOfOutput(output: Output, { audio }: RecipeFields, at: Fault['path']): Fault[] {
  const { kind, codecs } = formatOf(output.format)
  const faults: Fault[] = []
  const refuse = (when: unknown, field: keyof typeof output, message: string) => {
    if (when) faults.push({ path: [...at, field], message })
  }
  const { codec, crf, bitrate, format } = output
  refuse(codec && !codecs.includes(codec), 'codec', `${format} takes ${codecs.join(', ') || 'no codec'}`)
  const limit = CRF_MAX[codec ?? codecs[0] ?? 'h264']
  refuse(crf !== undefined && crf > limit, 'crf', `at most ${limit} for this codec`)
  refuse(crf !== undefined && bitrate, 'bitrate', 'give either crf or bitrate')
  refuse(output.quality && (crf !== undefined || bitrate), 'quality', 'give one of quality, crf and bitrate')
  if (kind !== 'video') {
    refuse(crf !== undefined, 'crf', `${format} has no crf`)
    refuse(bitrate, 'bitrate', `${format} has no bitrate of a picture`)
  }
  if (kind === 'audio') {
    refuse(output.width, 'width', `${format} has no picture`)
    refuse(output.fps, 'fps', `${format} has no picture`)
    refuse(audio === 'mute', 'format', `${format} without its sound would be empty`)
  }
  const silent = kind === 'silent' || audio === 'mute'
  const soundless: FormatName[] = ['wav']
  refuse(
    output.audio_bitrate && (silent || soundless.includes(format)),
    'audio_bitrate',
    'nothing to set it of',
  )
  refuse(output.sample_rate && silent, 'sample_rate', 'there is no sound')
  refuse(output.channels && silent, 'channels', 'there is no sound')
  const opus = format === 'ogg' || format === 'webm'
  refuse(opus && output.sample_rate && output.sample_rate !== 48_000, 'sample_rate', `${format} takes 48000`)
  refuse(format === 'mp3' && (output.audio_bitrate ?? 0) > 320, 'audio_bitrate', 'mp3 takes 320 at most')
  return faults
}

/** What outputs cannot share. */
function faultsTogether(recipe: RecipeFields, wanted: Output[]): Fault[] {
  const faults: Fault[] = []
  const refuse = (when: unknown, path: Fault['path'], message: string) => {
    if (when) faults.push({ path, message })
  }
  const kinds = wanted.map(({ format }) => formatOf(format).kind)
  const onlySound = kinds.length > 0 && kinds.every((kind) => kind === 'audio')
  for (const field of ['frame', 'bumper', 'watermark', 'thumbnails'] as const)
    refuse(onlySound && recipe[field], [field], 'nothing with a picture is made')
  refuse(recipe.split && wanted.length > 1, ['split'], 'parts are made of one output')
  refuse(recipe.split && kinds[0] === 'silent', ['split'], 'parts cannot be gif')
  refuse(
    recipe.split && recipe.thumbnails,
    ['thumbnails'],
    'thumbnails show one result, and parts are many: ask for them in a task without split',
  )
  refuse(
    recipe.audio === 'normalize' && kinds.length > 0 && kinds.every((kind) => kind === 'silent'),
    ['audio'],
    'there is no sound',
  )
  const names = wanted.map(({ name = 'output', format }) => `${name}.${format}`)
  for (const [place, name] of names.entries())
    refuse(
      names.indexOf(name) < place,
      ['outputs', place, 'name'],
      `a second ${name}; give names that differ`,
    )
  return faults
}
