import { applyPreset, type PresetName } from '#shared/contract/presets.ts'
import type { Recipe } from '#shared/contract/recipe.ts'
import type { CreateTask } from '#shared/contract/tasks.ts'

/** What a task without a word about it makes. */
const defaultPreset: PresetName = 'reel'

/** The whole recipe that a request stands for, and the preset it came from. */
export function chooseRecipe(request: CreateTask): { preset: PresetName | null; recipe: Recipe } {
  if (request.recipe) return { preset: null, recipe: request.recipe }
  const preset = request.preset ?? defaultPreset
  return { preset, recipe: applyPreset(preset, sourcesOf(request)) }
}

function sourcesOf({ sources, url, upload_id }: CreateTask) {
  return sources ?? [{ ...(url && { url }), ...(upload_id && { upload_id }) }]
}
