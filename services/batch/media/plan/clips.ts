import type { Recipe } from '#shared/contract/recipe.ts'

/**
 * A recipe as it is carried out: each of its clips is a source of its own, trimmed to the clip's range. Other recipes stay as they
 * are.
 */
export function withSourcePerClip(recipe: Recipe): Recipe {
  const [source] = recipe.sources
  if (!recipe.clips || !source) return recipe
  const sources = recipe.clips.map(({ start, duration }) => ({
    ...source,
    trim: { start, duration, at_most: false },
  }))
  return { ...recipe, sources }
}

/** What is known of the sources that a user named, of what is known of each source of a recipe as it is carried out. */
export const ofNamedSources = <T>({ clips }: Pick<Recipe, 'clips'>, all: T[]): T[] =>
  clips ? all.slice(0, 1) : all
