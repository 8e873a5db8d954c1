import type { MediaInfo } from '#shared/contract/media-info.ts'
import type { Plan, PlanContext } from './plan/types.ts'
import type { PlannedRender } from './types.ts'

/** What a plan is going to render. */
export const plannedRender = (context: PlanContext, plan: Plan): PlannedRender => ({
  sources: infosOf(context),
  plan,
})

/** What each source is. */
export const infosOf = ({ sources }: Pick<PlanContext, 'sources'>): MediaInfo[] =>
  sources.map(({ info }) => info)
