import type { MediaInfo } from '#shared/contract/media-info.ts'
import type { Recipe } from '#shared/contract/recipe.ts'
import { type MissingContent, withMissing } from '../../media/execute/missing-content.ts'
import { ofNamedSources } from '../../media/plan/clips.ts'

/**
 * What a task tells about the sources that its user named. `infos` and `missing` are by the sources of the recipe as it is carried
 * out, where each clip is one.
 */
export const describeSources = (
  recipe: Pick<Recipe, 'clips'>,
  infos: MediaInfo[],
  missing: MissingContent[],
): MediaInfo[] =>
  ofNamedSources(recipe, infos).map((info, i) =>
    withMissing(
      info,
      missing.filter(({ source }) => recipe.clips || source === i),
    ),
  )
