import type { Config } from '#shared/config.ts'
import {
  INSPECTIONS,
  type InspectionResult,
  type InspectRequest,
} from '#shared/contract/inspect/inspection.ts'
import { type BatchCall, type BatchService, createBatchCaller } from '../dry-run/batch-client.ts'
import { takeTurns } from '../dry-run/take-turns.ts'

const INSPECTION: BatchService = {
  path: '/inspect',
  name: 'inspection',
  unavailable: 'inspection.unavailable',
}

/** A page asks for the waveform and the key frames of several files at a time. */
const WAITING_PER_USER = 20
/** Long files take batch 20 s. */
const TIMES = { maxWaitMs: 40_000, contendedMs: 30_000 }

/** Has batch read a file; users take turns. The reply is what `INSPECTIONS` says. */
export type Inspect = BatchCall<InspectRequest, InspectionResult>

/** @throws CutroomError the problem that batch found with the file, `inspection.unavailable` */
export function createInspect(config: Config): Inspect {
  const call = createBatchCaller(config, INSPECTION)
  return takeTurns<InspectRequest, InspectionResult>(
    (request, signal) => call(request, INSPECTIONS[request.what], signal),
    config.limits.dryRunConcurrency,
    TIMES,
    { service: INSPECTION, waitingPerUser: WAITING_PER_USER },
  )
}
