import type { Config } from '#shared/config.ts'
import { operations } from '#shared/contract/operations.ts'
import { CutroomError } from '#shared/errors.ts'
import type { Storage } from '#shared/storage/port.ts'
import type { StoredOutput } from '#shared/tasks/rows.ts'
import type { TaskRepository } from '#shared/tasks/task-repository.ts'
import { notFound } from '../http/not-found.ts'
import type { Route } from '../http/operation-router.ts'
import { sendOutput } from '../tasks/send-output.ts'
import { signOutputLink, verifyOutputLink } from './output-link.ts'

export type OutputsDeps = { tasks: TaskRepository; storage: Storage; config: Config }

/** Mounts the downloads of outputs: with a token, and by a signed link that anyone can use until it expires. */
export function mountOutputs(route: Route, { tasks, storage, config }: OutputsDeps): void {
  const { linkSeconds } = config.uploads

  route(operations.getOutput, async ({ user, params, req, res }) => {
    const output = await requireOutput(user.id, params)
    await sendOutput(output, { req, res, storage, linkSeconds })
    return undefined
  })

  route(operations.linkOutput, async ({ user, params, body }) => {
    await requireOutput(user.id, params)
    const expiresAt = new Date(Math.floor(Date.now() / 1000 + body.expires_in) * 1000)
    const link = { taskId: params.id, name: params.name, expiresAt }
    const url = config.publicUrl + signOutputLink(link, config.auth.secrets[0] ?? '')
    return {
      status: 201,
      body: { url, expires_at: expiresAt.toISOString() },
      headers: { 'Cache-Control': 'no-store' },
    }
  })

  route(operations.getSharedOutput, async ({ params: { id, name }, query, req, res }) => {
    verifyOutputLink({ taskId: id, name, ...query }, config.auth.secrets)
    const output = (await tasks.outputsOf(id))?.find((one) => one.name === name)
    if (!output) throw new CutroomError('output.not_found', 'The file has been deleted.')
    await sendOutput(output, { req, res, storage, linkSeconds })
    return undefined
  })

  async function requireOutput(
    userId: string,
    { id, name }: { id: string; name: string },
  ): Promise<StoredOutput> {
    const row = await tasks.find(userId, id)
    if (!row) throw notFound('task.not_found')
    const output = row.outputs.find((one) => one.name === name)
    if (output) return output
    throw new CutroomError(
      'output.not_found',
      `Task ${row.id}, whose status is \`${row.status}\`, has no output named ${name}.`,
    )
  }
}
