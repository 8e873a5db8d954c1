import { rm, writeFile } from 'node:fs/promises'
import type { Writable } from 'node:stream'
import type { RunResult } from '../ffmpeg/run-ffmpeg.ts'
import { toRun } from '../plan/arguments.ts'
import type { Plan } from '../plan/types.ts'
import type { MediaFiles, RenderDeps, RenderOptions } from '../types.ts'

type RunPlanOptions = Pick<RenderOptions, 'signal' | 'onProgress' | 'deadlineMs'> & {
  /** About what each run needs, in bytes. */
  memoryBytes?: number
  /** Where files go that are not to be written to disk, by path. */
  sinks?: ReadonlyMap<string, Writable>
}

/**
 * Carries out a plan's runs in order, writes its text files, and removes its scratch files. Progress is that of the
 * whole plan, up to 99: the last per cent is for checking.
 * @throws CutroomError what a run throws; a source that could not be read throws its own error in place of ffmpeg's.
 */
export async function runPlan(
  plan: Plan,
  files: MediaFiles,
  { runner, settings }: Pick<RenderDeps, 'runner' | 'settings'>,
  {
    signal,
    onProgress = () => {},
    deadlineMs = settings.deadlineMs,
    memoryBytes,
    sinks = new Map(),
  }: RunPlanOptions,
): Promise<RunResult> {
  const total = plan.runs.reduce((sum, run) => sum + run.seconds, 0)
  const result: RunResult = { lines: [], duplicatedFrames: 0, reports: new Map() }
  let done = 0
  for (const run of plan.runs) {
    const report = (share: number) => onProgress(Math.floor((99 * (done + share * run.seconds)) / total))
    const { lines, duplicatedFrames, subject, reports } = await runner(toRun(run), {
      deadlineMs,
      signal,
      ...(memoryBytes !== undefined && { memoryBytes }),
      onProgress: report,
      sinks,
    }).catch((error: unknown) => {
      throw readErrorOf(files) ?? error
    })
    result.lines.push(...lines)
    result.duplicatedFrames += duplicatedFrames
    if (subject) result.subject ??= subject
    for (const [id, report] of reports) result.reports.set(id, report)
    done += run.seconds
  }
  const error = readErrorOf(files)
  if (error) throw error
  for (const { path, text } of plan.texts) await writeFile(path, text)
  await Promise.all(plan.scratch.map((path) => rm(path, { force: true })))
  return result
}

/** Why a file's bytes stopped coming, if they did: ffmpeg takes that for the file's end. */
const readErrorOf = ({ sources, images, clips = {} }: MediaFiles): Error | undefined =>
  [...sources, ...Object.values(images), ...Object.values(clips)]
    .map((input) => input.readError?.())
    .find(Boolean)
