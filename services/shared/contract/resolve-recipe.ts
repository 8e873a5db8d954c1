import type { CreateTask } from './create-task.ts'
import { applyPreset, type PresetName } from './presets.ts'
import { Recipe } from './recipe.ts'

const DEFAULT_PRESET: PresetName = 'reel'

/** The complete recipe that a request stands for, and the preset it came from; null for a recipe of the caller's. */
export function resolveRecipe(request: CreateTask): { preset: PresetName | null; recipe: Recipe } {
  if (request.recipe) {
    return { preset: null, recipe: Recipe.parse({ sources: sourcesOf(request), ...request.recipe }) }
  }
  const preset = request.preset ?? DEFAULT_PRESET
  return { preset, recipe: applyPreset(preset, sourcesOf(request)) }
}

/** The sources beside a preset or a recipe. CreateTask guarantees that `recipe.sources` stands in for none. */
function sourcesOf({ sources, url, upload_id }: CreateTask) {
  return sources ?? [{ ...(url && { url }), ...(upload_id && { upload_id }) }]
}
