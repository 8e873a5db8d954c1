import { availableParallelism } from 'node:os'
import type { Logger } from '#shared/observability/logger.ts'
import { type ProcessGuard, withFiles } from './ffmpeg/guarded-process.ts'
import type { JobMemory } from './ffmpeg/job-memory.ts'
import { createRunner } from './ffmpeg/run-ffmpeg.ts'
import { createX264BuildFinder } from './probe/find-x264-build.ts'
import { filesOf, type MediaInput } from './probe/media-input.ts'
import { createProbe } from './probe/probe.ts'
import { createKeyFrameFinder, createKeyFramesFinder } from './probe/times/find-key-frame.ts'
import { createPacketFinder } from './probe/times/find-packets.ts'
import { createUncountedStartFinder } from './probe/times/find-uncounted-start.ts'
import type { MediaSettings, RenderDeps } from './types.ts'

/** Media work runs at this niceness: heartbeats and abort checks of the worker must not wait for an encoder. */
export const NICENESS = 5
const PROBE_DEADLINE_MS = 30_000

/** The limits on each process. Its deadline ends it before it has used so much CPU time, unless whoever watches that is gone. */
export const guardOf = (
  { memoryBytes, limits, deadlineMs, processes = 0, sandbox }: MediaSettings,
  dir?: string,
): ProcessGuard => ({
  memoryBytes,
  niceness: NICENESS,
  fileBytes: limits.scratchBytes,
  cpuSeconds: Math.ceil((deadlineMs / 1000) * availableParallelism()) + 60,
  processes,
  sandbox,
  dir,
})

/**
 * Whose tools they are. `dir`: the scratch space of the job, the only files that they see in a sandbox beside its `inputs`.
 */
export type ToolsOptions = { memory: JobMemory; dir?: string | undefined; inputs: MediaInput[] }

/** The tools of one job, which share its memory. */
export function createTools(
  settings: MediaSettings,
  { memory, dir, inputs, log }: ToolsOptions & { log: Logger },
): Omit<RenderDeps, 'canConvertColours'> {
  const { ffmpeg, ffprobe, limits, deadlineMs: measureDeadlineMs } = settings
  const guard = guardOf(settings, dir)
  const ffprobeSettings = { ffprobe, limits, guard, memory, deadlineMs: PROBE_DEADLINE_MS }
  return {
    probe: createProbe({ ...ffprobeSettings, measureDeadlineMs, log }),
    findUncountedStart: createUncountedStartFinder({ ...ffprobeSettings, ffmpeg }),
    findX264Build: createX264BuildFinder({ ...ffprobeSettings, ffmpeg }),
    findKeyFrame: createKeyFrameFinder(ffprobeSettings),
    findKeyFrames: createKeyFramesFinder(ffprobeSettings),
    findPackets: createPacketFinder(ffprobeSettings),
    runner: createRunner({ ffmpeg, guard: withFiles(guard, filesOf(inputs)), memory }),
    settings,
    log,
  }
}
