import type { MediaInfo } from '#shared/contract/media-info.ts'
import { outputsOf, type Recipe } from '#shared/contract/recipe.ts'
import { commandLine } from '../ffmpeg/command-line.ts'
import { toRun } from '../plan/arguments.ts'
import type { StreamKind } from '../plan/filter-graph.ts'
import { reportFrames } from '../plan/filters/frame-reports.ts'
import { planRender } from '../plan/plan.ts'
import type { Plan, PlanContext, PlannedRun } from '../plan/types.ts'
import { someLimits } from './fixtures.ts'

/** An input called `name`, as a probe and ffmpeg would open it. */
export const anInput = (name: string) => ({
  url: `file:${name}`,
  inputOptions: ['-protocol_whitelist', 'file'],
})

/** What a recipe's plan depends on, when its sources are the files 0.mp4, 1.mp4, … with these probe results. */
export const aPlanContext = (
  recipe: Recipe,
  infos: MediaInfo[],
  more: Partial<PlanContext> = {},
): PlanContext => ({
  recipe,
  outputs: outputsOf(recipe),
  sources: infos.map((info, i) => ({ input: anInput(`${i}.mp4`), info })),
  assets: { logo: anInput('logo.png'), images: {} },
  outputDir: '/out',
  limits: someLimits,
  threads: 0,
  canConvertColours: true,
  ...more,
})

/** The filters that report the frames of the first source, at the beginning of a chain of filters. */
export const reported = (kind: StreamKind, seconds: number): string =>
  `${reportFrames({ input: 0, range: { start: 0, seconds, whole: true }, ticks: 0 }, 1, kind).join()},`

/** The plan that encodes everything, whether or not streams could be copied. */
export function encodingPlan(context: PlanContext): Plan {
  const { preferred, fallback } = planRender(context)
  return fallback ?? preferred
}

/** The whole argument list of a planned run. */
export const argumentsOf = (run: PlannedRun): string[] => commandLine(toRun(run))
