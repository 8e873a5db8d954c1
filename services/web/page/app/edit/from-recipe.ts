import type { Recipe } from '#shared/contract/recipe.ts'
import { type Choices, CODECS, DEFAULT_CHOICES } from './choices.ts'
import { type TaskBody, taskBody } from './task-body.ts'

type RecipeFields = Omit<Recipe, 'sources'>

/** A recipe as the editor shows it. */
export type Opened = {
  choices: Choices<never>
  /** The fields for which the editor has no control, or a control that cannot express them. They are sent as they are. */
  kept: Partial<RecipeFields>
}

/**
 * The choices that lead to a recipe. Whatever they do not lead to is kept beside them, so that nothing of the recipe is lost: the
 * request of `choices` with the fields of `kept` over it is the recipe again.
 */
export function fromRecipe(recipe: RecipeFields): Opened {
  const choices = choicesOf(recipe)
  const rebuilt: Partial<Record<keyof RecipeFields, unknown>> = taskBody([], choices).recipe ?? {}
  const kept = Object.entries(recipe).filter(
    ([name, value]) => canonical(value) !== canonical(rebuilt[name as keyof RecipeFields]),
  )
  return { choices, kept: Object.fromEntries(kept) }
}

/** A request with what is kept over it. Several outputs replace the one that was chosen. */
export function withKept(body: TaskBody, kept: Opened['kept']): TaskBody {
  if (!body.recipe || Object.keys(kept).length === 0) return body
  const { output, ...recipe } = body.recipe
  return { ...body, recipe: { ...recipe, ...(kept.outputs ? {} : { output }), ...kept } }
}

function choicesOf({ frame, bumper, audio, split, output }: RecipeFields): Choices<never> {
  const { format = 'mp4', quality = 'auto', codec, fps, audio_bitrate: audioBitrate } = output ?? {}
  return {
    ...DEFAULT_CHOICES,
    format,
    quality,
    ...(codec && codec !== CODECS[format][0] && { codec }),
    ...(fps !== undefined && { fps }),
    ...(audioBitrate !== undefined && { audioBitrate }),
    audio,
    ...(frame && frameChoices(frame)),
    ...(split?.every !== undefined && { split: split.every }),
    ...(bumper?.intro && { intro: { kind: 'logo', seconds: bumper.intro.seconds } as const }),
    ...(bumper?.outro && { outro: { kind: 'logo', seconds: bumper.outro.seconds } as const }),
  }
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
