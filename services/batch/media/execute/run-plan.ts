import { rm, writeFile } from 'node:fs/promises'
import type { Writable } from 'node:stream'
import type { MediaFiles, RenderDeps, RenderOptions } from '../engine.ts'
import type { RunResult } from '../ffmpeg/run-ffmpeg.ts'
import type { Plan } from '../plan/types.ts'

type RunPlanOptions = Pick<RenderOptions, 'signal' | 'onProgress' | 'deadlineMs'> & {
  sinks?: ReadonlyMap<string, Writable>
}

/**
 * Runs a plan's runs in order, writes its texts, and clears its scratch files away. Progress is that of the
 * whole plan, up to 99: the last per cent is for checking. Files that have a sink lie nowhere. Throws a source's own fault in place of ffmpeg's complaint about it.
 */
export async function runPlan(
  plan: Plan,
  files: MediaFiles,
  { runner, settings }: Pick<RenderDeps, 'runner' | 'settings'>,
  { signal, onProgress = () => {}, deadlineMs = settings.deadlineMs, sinks = new Map() }: RunPlanOptions,
): Promise<RunResult> {
  const whole = plan.runs.reduce((sum, run) => sum + run.seconds, 0)
  const all: RunResult = { lines: [], duplicatedFrames: 0 }
  let done = 0
  const report = (seconds: number) => onProgress(Math.floor((99 * seconds) / whole))
  for (const run of plan.runs) {
    const heard = (share: number) => report(done + share * run.seconds)
    const ran = await runner(run, { deadlineMs, signal, onProgress: heard, sinks }).catch(
      (error: unknown) => {
        throw faultOf(files) ?? error
      },
    )
    all.lines.push(...ran.lines)
    all.duplicatedFrames += ran.duplicatedFrames
    done += run.seconds
  }
  const fault = faultOf(files)
  if (fault) throw fault
  for (const { path, text } of plan.texts) await writeFile(path, text)
  await Promise.all(plan.scratch.map((path) => rm(path, { force: true })))
  return all
}

/** Why a source's bytes stopped coming, if they did. */
const faultOf = ({ sources, images, clips = {} }: MediaFiles): Error | undefined =>
  [...sources, ...Object.values(images), ...Object.values(clips)]
    .map((input) => input.readError?.())
    .find(Boolean)
