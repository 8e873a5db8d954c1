import { resolveRecipe } from '#shared/contract/resolve-recipe.ts'

/** The complete recipe that a request stands for, and the preset it came from. */
export const chooseRecipe = resolveRecipe
