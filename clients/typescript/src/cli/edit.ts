import type { CreateTask, Recipe } from '../api.ts'
import { UsageError } from './exit-codes.ts'
import { toRange } from './times.ts'

/** The options that say what to render, as they were given. */
export type EditOptions = {
  preset?: string | undefined
  /** The content of the file that --recipe names. */
  recipe?: unknown
  trim?: string[] | undefined
  to?: string | undefined
  width?: string | undefined
  height?: string | undefined
  aspect?: string | undefined
  fit?: string | undefined
  quality?: string | undefined
  audio?: string | undefined
  /** What is not about the rendering. */
  extras?: TaskExtras | undefined
}

/** Fields of a task besides its sources and its recipe. */
export type TaskExtras = Pick<CreateTask, 'metadata' | 'priority' | 'destination' | 'notify'>

/** A source, as tasks name it. */
export type SourceRef = { url: string } | { upload_id: string }

/**
 * The task that the options describe, for sources that are joined in order. Several --trim keep several ranges of the one source.
 * What the values may be, the service checks. Pure.
 * @throws UsageError when the options contradict each other or say nothing.
 */
export function toTask(sources: SourceRef[], options: EditOptions): CreateTask {
  const { preset, recipe, trim = [], extras } = options
  const own = ownRecipe(options)
  if (preset && recipe !== undefined) throw new UsageError('Give either --preset or --recipe, not both.')
  if (own && (preset || recipe !== undefined)) {
    throw new UsageError(
      '--to, --width and their like describe a recipe; give them without --preset and --recipe.',
    )
  }
  if (!own && !preset && recipe === undefined && trim.length === 0) {
    throw new UsageError('Say what to render: --preset NAME, --recipe FILE, --to FORMAT or --trim START-END.')
  }
  if (sources.length === 0) return { recipe: requireRecipe(recipe), ...extras }
  const trimmed = applyTrim(sources, trim)
  if (preset) return { sources: trimmed, preset: preset as NonNullable<CreateTask['preset']>, ...extras }
  const { sources: _, ...rest } =
    recipe === undefined ? (own ?? { output: { format: 'mp4' } }) : requireRecipe(recipe)
  return { sources: trimmed, recipe: rest as Recipe, ...extras }
}

function ownRecipe({ to, width, height, aspect, fit, quality, audio }: EditOptions): Recipe | undefined {
  const frame = given({
    width: toNumber('--width', width),
    height: toNumber('--height', height),
    aspect,
    fit,
  })
  const output = given({ format: to, quality })
  const recipe = given({ frame, output, audio })
  return recipe as Recipe | undefined
}

function applyTrim(sources: SourceRef[], trim: string[]): NonNullable<CreateTask['sources']> {
  const ranges = trim.map(toRange)
  if (ranges.length <= 1)
    return sources.map((source) => ({ ...source, ...(ranges[0] && { trim: ranges[0] }) }))
  if (sources.length > 1) throw new UsageError('Several --trim need a single source.')
  return ranges.map((range) => ({ ...(sources[0] as SourceRef), trim: range }))
}

function requireRecipe(recipe: unknown): Recipe {
  if (typeof recipe === 'object' && recipe !== null && !Array.isArray(recipe)) return recipe as Recipe
  throw new UsageError(recipe === undefined ? 'Name a file or a URL.' : 'The recipe is not a JSON object.')
}

function toNumber(option: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  if (!/^\d+$/.test(text)) throw new UsageError(`${option} ${text} is not a whole number.`)
  return Number(text)
}

/** The object without what is undefined; undefined when nothing is left. */
function given<T extends object>(values: T): T | undefined {
  const entries = Object.entries(values).filter(([, value]) => value !== undefined)
  return entries.length > 0 ? (Object.fromEntries(entries) as T) : undefined
}
