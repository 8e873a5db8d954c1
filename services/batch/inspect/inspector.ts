import { type InspectionResult, InspectRequest } from '#shared/contract/inspect/inspection.ts'
import { CutroomError } from '#shared/errors.ts'
import { createShortWork, type ShortWorkDeps, type ShortWorkSettings } from '../dry-run/short-work.ts'
import type { MediaEngine } from '../media/types.ts'

export type InspectorDeps = ShortWorkDeps & {
  media: Pick<MediaEngine, 'inspect'>
  /** `readMs`: how long a file is read. */
  settings: ShortWorkSettings & { readMs: number }
}

export type Inspector = {
  /**
   * Reads what an editor shows of the one source of a recipe. It ends when `signal` is aborted.
   * @throws CutroomError `service.busy` when too many inspections are in progress, `service.stopping`, and the codes of opening
   * and reading the source
   */
  inspect(request: InspectRequest, signal?: AbortSignal): Promise<InspectionResult>
  /** Resolves when no inspection is in progress. */
  drained(): Promise<void>
}

/** Creates an inspector with slots of its own: it must neither wait for jobs or dry runs nor delay them. */
export function createInspector(
  { media, settings, ...deps }: InspectorDeps,
  stopping: AbortSignal,
): Inspector {
  const inspections = createShortWork('inspection', deps, settings, stopping)
  return {
    inspect: ({ user_id: userId, recipe, what }, caller) =>
      inspections.run<InspectionResult>(
        { userId, recipe },
        caller,
        async ({ sources: [source] }, scratchDir, signal) => {
          if (!source) throw new Error('A recipe has a source.')
          return media.inspect[what](source, { signal, scratchDir, readMs: settings.readMs })
        },
      ),
    drained: inspections.drained,
  }
}

/** Validates the body of a request. @throws CutroomError `request.invalid`, naming each invalid field */
export function readInspectRequest(body: unknown): InspectRequest {
  const { data, error } = InspectRequest.safeParse(body)
  if (data) return data
  throw new CutroomError('request.invalid', 'The inspection request has invalid fields; see errors.', {
    fields: error.issues.map(({ path, message }) => ({ path: path.join('.'), message })),
  })
}
