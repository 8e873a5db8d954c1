import type { Response } from 'express'
import type { Config } from '#shared/config.ts'
import type { Inspection, InspectionResult } from '#shared/contract/inspect/inspection.ts'
import { operations } from '#shared/contract/operations.ts'
import { Recipe } from '#shared/contract/recipe.ts'
import { CutroomError } from '#shared/errors.ts'
import { whileConnected } from '#shared/http/while-connected.ts'
import type { Logger } from '#shared/observability/logger.ts'
import type { Storage } from '#shared/storage/port.ts'
import type { TaskRepository } from '#shared/tasks/task-repository.ts'
import type { UploadRepository } from '#shared/uploads/upload-repository.ts'
import { notFound } from '../http/not-found.ts'
import type { Route } from '../http/operation-router.ts'
import { requireContent } from '../uploads/require-content.ts'
import { createInspect } from './inspect-client.ts'
import { keptInspections } from './kept-inspections.ts'

export type InspectDeps = {
  config: Config
  log: Logger
  storage: Storage
  tasks: TaskRepository
  uploads: UploadRepository
  /** Aborted when the service begins to shut down. */
  stopping: AbortSignal
}

type SourceParams = { id: string; index: number }

/** Mounts what an editor shows of a file: its waveform and its key frames. */
export function mountInspect(route: Route, deps: InspectDeps): void {
  const { config, log, storage, tasks, uploads, stopping } = deps
  const inspect = createInspect(config)
  const kept = keptInspections(storage, log)

  async function ofUpload(userId: string, id: string, what: Inspection, signal: AbortSignal) {
    const row = await uploads.findDetails(userId, id)
    if (!row) throw notFound('upload.not_found')
    await requireContent(storage, { id, key: row.object_key })
    const recipe = Recipe.parse({ sources: [{ upload_id: id }] })
    return kept.get(
      row.object_key,
      what,
      () => inspect({ user_id: userId, recipe, what }, signal),
      async () => (await uploads.findDetails(userId, id)) !== undefined,
    )
  }

  async function ofSource(
    userId: string,
    { id, index }: SourceParams,
    what: Inspection,
    signal: AbortSignal,
  ) {
    const task = await tasks.find(userId, id)
    if (!task) throw notFound('task.not_found')
    const source = task.recipe.sources[index]
    if (!source) throw noSource(index, task.recipe.sources.length)
    if (source.upload_id) return ofUpload(userId, source.upload_id, what, signal)
    if (source.headers) throw needsHeaders(index)
    const recipe = Recipe.parse({ sources: [{ url: source.url }] })
    return kept.get(
      `tasks/${id}/source-${index}`,
      what,
      () => inspect({ user_id: userId, recipe, what }, signal),
      async () => (await tasks.find(userId, id)) !== undefined,
    )
  }

  /** Ends in batch, too, when the client disconnects or the service stops. */
  const whileWanted = (res: Response, find: (signal: AbortSignal) => Promise<InspectionResult>) =>
    whileConnected(res, async (closed) => ({
      status: 200,
      body: await find(AbortSignal.any([closed, stopping])),
    }))

  route(operations.getUploadWaveform, ({ user, params, res }) =>
    whileWanted(res, (signal) => ofUpload(user.id, params.id, 'waveform', signal)),
  )
  route(operations.getUploadKeyFrames, ({ user, params, res }) =>
    whileWanted(res, (signal) => ofUpload(user.id, params.id, 'key_frames', signal)),
  )
  route(operations.getSourceWaveform, ({ user, params, res }) =>
    whileWanted(res, (signal) => ofSource(user.id, params, 'waveform', signal)),
  )
  route(operations.getSourceKeyFrames, ({ user, params, res }) =>
    whileWanted(res, (signal) => ofSource(user.id, params, 'key_frames', signal)),
  )
}

const noSource = (index: number, count: number) =>
  new CutroomError('request.invalid', `The task has no source ${index}; its sources are 0 to ${count - 1}.`, {
    fields: [{ path: 'index', message: `must be below ${count}` }],
  })

const needsHeaders = (index: number) =>
  new CutroomError(
    'source.denied',
    `Source ${index} was not read: it needs request headers, which are kept for the task alone. Upload the file instead.`,
  )
