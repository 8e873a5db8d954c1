import type { MediaInfo } from '#shared/contract/media-info.ts'
import type { Plan } from './plan/types.ts'

/** What carrying out a recipe is going to be: its sources as probed, and its runs. */
export type PlannedRender = { sources: MediaInfo[]; plan: Plan }
