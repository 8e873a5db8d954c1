import type { Recipe } from '#shared/contract/recipe.ts'
import {
  type AssetReference,
  aspectOf,
  type BumperChoice,
  type Choices,
  CODECS,
  DEFAULT_CHOICES,
  type OutputChoice,
  SIZES,
  type Size,
  widthFor,
} from './choices.ts'
import { type TaskBody, taskBody, USUAL_SIZE } from './task-body.ts'

type RecipeFields = Omit<Recipe, 'sources'>
type Output = NonNullable<Recipe['output']>

/** A recipe as the editor shows it. */
export type Opened<Asset extends AssetReference = AssetReference> = {
  choices: Choices<Asset>
  /** The fields for which the editor has no control, or a control that cannot express them. They are sent as they are. */
  kept: Partial<RecipeFields>
}

/**
 * The choices that lead to a recipe. Whatever they do not lead to is kept beside them, so that nothing of the recipe is lost: the
 * request of `choices` with the fields of `kept` over it is the recipe again. `assetOf`: the image or clip of an upload. `video`: the
 * displayed size of the first source.
 */
export function fromRecipe<Asset extends AssetReference>(
  recipe: RecipeFields,
  assetOf: (uploadId: string) => Asset,
  video: Size = USUAL_SIZE,
): Opened<Asset> {
  const { outputs, output = outputs?.length === 1 ? outputs[0] : undefined, ...others } = recipe
  const fields = { ...others, ...(output ? { output } : { outputs }) }
  const choices = choicesOf(fields, assetOf, video)
  const rebuilt: Partial<Record<keyof RecipeFields, unknown>> = taskBody([], choices, video).recipe ?? {}
  const kept = Object.entries(fields).filter(
    ([name, value]) => canonical(value) !== canonical(rebuilt[name as keyof RecipeFields]),
  )
  return { choices, kept: Object.fromEntries(kept) }
}

/** A request with what is kept over it. Files that are kept replace those that were chosen. */
export function withKept(body: TaskBody, kept: Opened['kept']): TaskBody {
  if (!body.recipe || Object.keys(kept).length === 0) return body
  const { output, outputs, ...recipe } = body.recipe
  const files = kept.output || kept.outputs ? {} : { ...(output && { output }), ...(outputs && { outputs }) }
  return { ...body, recipe: { ...recipe, ...files, ...kept } }
}

function choicesOf<Asset extends AssetReference>(
  { frame, bumper, watermark, audio, split, output, outputs, thumbnails }: RecipeFields,
  assetOf: (uploadId: string) => Asset,
  video: Size,
): Choices<Asset> {
  const framed = { ...DEFAULT_CHOICES, ...(frame && frameChoices(frame)) }
  const [first, ...more] = (outputs ?? [output]).map((one) => outputChoice(one, aspectOf(framed, video)))
  const { intro, outro } = bumper ?? {}
  return {
    ...framed,
    ...first,
    more,
    audio,
    ...(split?.every !== undefined && { split: split.every }),
    ...(watermark && { watermark: { ...watermark, image: assetOf(watermark.image.upload_id) } }),
    ...(intro && { intro: bumperChoice(intro, assetOf) }),
    ...(outro && { outro: bumperChoice(outro, assetOf) }),
    ...(thumbnails && { thumbnails }),
  }
}

function outputChoice(output: Partial<Output> = {}, aspect: number): OutputChoice {
  const {
    name,
    format = 'mp4',
    quality = 'auto',
    codec,
    crf,
    bitrate,
    width,
    fps,
    sample_rate,
    channels,
  } = output
  return {
    ...(name !== undefined && { name }),
    format,
    quality,
    ...(crf !== undefined && { crf }),
    ...(bitrate !== undefined && { bitrate }),
    ...(codec && codec !== CODECS[format][0] && { codec }),
    ...(fps !== undefined && { fps }),
    ...(output.audio_bitrate !== undefined && { audioBitrate: output.audio_bitrate }),
    ...(sample_rate !== undefined && { sampleRate: sample_rate }),
    ...(channels !== undefined && { channels }),
    size: SIZES.find((size) => widthFor(size, aspect) === width) ?? 'source',
  }
}

type Bumper = NonNullable<NonNullable<Recipe['bumper']>['intro']>

function bumperChoice<Asset extends AssetReference>(
  { seconds, image, clip }: Bumper,
  assetOf: (uploadId: string) => Asset,
): BumperChoice<Asset> {
  if (image) return { kind: 'image', seconds, asset: assetOf(image.upload_id) }
  if (clip) return { kind: 'clip', seconds, asset: assetOf(clip.upload_id) }
  return { kind: 'logo', seconds }
}

const SHAPES = ['16:9', '9:16', '1:1', '4:5', '4:3'] as const

function frameChoices({
  aspect,
  width,
  height,
  fit,
  position,
  upscale,
  background,
}: NonNullable<Recipe['frame']>) {
  const shape = SHAPES.find((name) => name === aspect)
  return {
    ...(shape ? { shape } : { shape: 'custom' as const, ...(width && { width }), ...(height && { height }) }),
    upscale,
    ...(position && { position }),
    ...(background === 'blur' ? { fit: 'blur' as const } : { fit, background }),
  }
}

/** What the service adds where a field is left out. */
const DEFAULTS: Record<string, unknown> = {
  fit: 'pad',
  upscale: false,
  background: '#000000',
  format: 'mp4',
}

/** The same text for the same meaning: in the order of names, without what is a default. Absent, empty and default are one. */
function canonical(value: unknown): string {
  if (value === 'keep' || value === undefined) return '{}'
  return JSON.stringify(value, (_, part) => {
    if (typeof part !== 'object' || part === null || Array.isArray(part)) return part
    const entries = Object.entries(part).filter(([name, one]) => one !== undefined && DEFAULTS[name] !== one)
    return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)))
  })
}
