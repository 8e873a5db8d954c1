import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { ChunkSettings, ExpandedJob, ExpandedTask, RenderExpansion } from '#batch/media/chunks/types.ts'
import { createMediaEngine } from '#batch/media/engine.ts'
import type { OpenedPiece } from '#batch/media/plan/chunks/plan-stitch.ts'
import { fileInput } from '#batch/media/probe/media-input.ts'
import type { MediaEngine, MediaFiles } from '#batch/media/types.ts'
import type { Recipe } from '#shared/contract/recipe.ts'
import { silentLogger } from '#shared/observability/logger.ts'
import { cpuSecondsSoFar } from './child-cpu.ts'
import { workOn } from './job-schedule.ts'
import { mediaSettings } from './plan-reel.ts'

/** CPU and wall clock in seconds. */
export type Spent = { cpuS: number; wallS: number }

/** A job that was worked on. `frames` of the result's video, of a chunk. */
type DoneJob = Spent & { kind: ExpandedJob['kind'] | 'render'; frames: number }

/** The path of a result, and the jobs that it took. */
type Rendered = Spent & { jobs: DoneJob[]; output: string }

/** A job may take long on a machine that is busy with other work. */
const DEADLINE_MS = 4 * 3600 * 1000

/** Renders and divides files, without a queue, a database or a storage. */
export function createRenderer() {
  const engine = createMediaEngine({ ...mediaSettings(), deadlineMs: DEADLINE_MS }, silentLogger)
  const filesOf = (path: string): MediaFiles => ({ sources: [fileInput(path)], images: {}, clips: {} })

  /** Divides a render as the product does, without working on the jobs. */
  async function expand(
    recipe: Recipe,
    path: string,
    divide: ChunkSettings,
    dir: string,
  ): Promise<Spent & { expansion: RenderExpansion }> {
    const onPlan = () => {
      throw new Error('The source is too short to be divided.')
    }
    const options = { ...(await newOptions(dir)), divide, onPlan }
    const { value, ...spent } = await measured(() => engine.render(recipe, filesOf(path), options))
    if (!value.expansion) throw new Error('The render was not divided.')
    return { ...spent, expansion: value.expansion }
  }

  return {
    expand,

    /** Renders in one piece. */
    async whole(recipe: Recipe, path: string, dir: string): Promise<Rendered> {
      const options = await newOptions(dir)
      const { value, ...spent } = await measured(() => engine.render(recipe, filesOf(path), options))
      return {
        ...spent,
        jobs: [{ ...spent, kind: 'render', frames: 0 }],
        output: value.outputs[0]?.path ?? '',
      }
    },

    /**
     * Renders by the jobs that the product would add, in its order. The CPU time of each is known only if one runs at a
     * time.
     */
    async divided(
      recipe: Recipe,
      path: string,
      dir: string,
      { divide, slots = 1 }: { divide: ChunkSettings; slots?: number },
    ): Promise<Rendered> {
      const { expansion, ...rendered } = await expand(recipe, path, divide, join(dir, 'render'))
      const jobs: DoneJob[] = [{ ...rendered, kind: 'render', frames: 0 }]
      // A job reads the plan from the task's row.
      const task = { recipe, plan: JSON.parse(JSON.stringify(expansion.plan)) }
      const pieces: OpenedPiece[][] = []
      let output = ''
      const { value: _, ...spent } = await measured(() =>
        workOn(expansion.jobs, slots, async (index) => {
          const job = expansion.jobs[index] as ExpandedJob
          const work = { engine, task, files: filesOf(path), pieces: pieces.flat() }
          const options = await newOptions(join(dir, String(index)))
          const { value, ...cost } = await measured(() => perform(job, work, options))
          pieces[index] = value.pieces
          output = value.output ?? output
          const { from, to } = job.kind === 'chunk' ? job.params.range : { from: 0, to: 0 }
          jobs[index + 1] = { ...cost, kind: job.kind, frames: to - from }
        }),
      )
      const total = { cpuS: rendered.cpuS + spent.cpuS, wallS: rendered.wallS + spent.wallS }
      return { ...total, jobs, output }
    },
  }
}

type Options = { outputDir: string; signal: AbortSignal }

async function newOptions(outputDir: string): Promise<Options> {
  await mkdir(outputDir, { recursive: true })
  return { outputDir, signal: AbortSignal.timeout(DEADLINE_MS) }
}

type JobWork = { engine: MediaEngine; task: ExpandedTask; files: MediaFiles; pieces: OpenedPiece[] }

/** Does one job; returns the pieces that it leaves, or the result. */
async function perform(
  job: ExpandedJob,
  { engine, task, files, pieces }: JobWork,
  options: Options,
): Promise<{ pieces: OpenedPiece[]; output?: string | undefined }> {
  if (job.kind === 'stitch') {
    const { files: stitched } = await engine.stitch(task, pieces, new Map(), options)
    return { pieces: [], output: stitched[0]?.path }
  }
  if (job.kind === 'measure') throw new Error('The recipes of this benchmark measure no loudness.')
  const left =
    job.kind === 'chunk'
      ? await engine.renderChunk(task, job.params.range, files, options)
      : await engine.encodeAudio(task, undefined, files, options)
  return { pieces: left.map(({ piece, path }) => ({ piece, input: fileInput(path) })) }
}

async function measured<T>(work: () => Promise<T>): Promise<Spent & { value: T }> {
  const [cpu, began] = [cpuSecondsSoFar(), performance.now()]
  const value = await work()
  return { value, cpuS: cpuSecondsSoFar() - cpu, wallS: (performance.now() - began) / 1000 }
}
