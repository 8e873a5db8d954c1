import type { Config } from '#shared/config.ts'
import { operations } from '#shared/contract/operations.ts'
import { hashRequest, withIdempotencyKey } from '#shared/database/idempotency.ts'
import { CutroomError } from '#shared/errors.ts'
import { logOf } from '#shared/http/request-context.ts'
import { receiveUpload } from '#shared/storage/receive-upload.ts'
import { verifyUploadLink } from '#shared/storage/upload-link.ts'
import { decodeCursor, encodeCursor } from '#shared/tasks/cursor.ts'
import { enforceUploadQuota } from '#shared/uploads/upload-quota.ts'
import { userIdOf } from '#shared/uploads/upload-repository.ts'
import { actorOf, recordAudit } from '../auth/audit/record-audit.ts'
import { notFound } from '../http/not-found.ts'
import type { Route } from '../http/operation-router.ts'
import type { RequestsInFlight } from '../limits/requests-in-flight.ts'
import { type AdmitBytesDeps, admitBytes } from './admit-bytes.ts'
import { type CreateUploadDeps, createUpload } from './create-upload.ts'
import { deleteUpload } from './delete-upload.ts'
import { requireFreeSpace } from './require-free-space.ts'
import { toUploadDetails } from './upload-details.ts'
import { withReconciledQuota } from './upload-quota.ts'

export type UploadsDeps = CreateUploadDeps &
  AdmitBytesDeps & { config: Config; requestsInFlight: RequestsInFlight }

export function mountUploads(route: Route, deps: UploadsDeps): void {
  const { config, database, storage, uploads, reconcileUploads, requestsInFlight } = deps

  route(operations.createUpload, async ({ user, body, headers }) => {
    const key = headers['idempotency-key']
    const idempotency =
      key === undefined ? undefined : { userId: user.id, key, requestHash: hashRequest(body) }
    // Clients send their bytes to Cloud Storage without web's knowledge.
    if (config.storage.kind === 'gcs') await reconcileUploads(user.id)
    const upload = await withReconciledQuota(user.id, reconcileUploads, () =>
      database.transaction((query) =>
        withIdempotencyKey(query, idempotency, async () => {
          await requireFreeSpace(0, deps)
          await enforceUploadQuota(query, user.id, { bytes: 0 }, config.uploads.quotas)
          return createUpload(user.id, body, query, deps)
        }),
      ),
    )
    return { status: 201, body: upload }
  })

  route(operations.listUploads, async ({ user, query: { max, order, page } }) => {
    const query = { max, order, after: page === undefined ? undefined : decodeCursor(page) }
    let { rows, next } = await uploads.list(user.id, query)
    if (rows.some(({ received_at }) => !received_at)) {
      await reconcileUploads(user.id)
      ;({ rows, next } = await uploads.list(user.id, query))
    }
    const next_page = next ? encodeCursor(next) : null
    return { status: 200, body: { uploads: rows.map(toUploadDetails), next_page } }
  })

  route(operations.getUpload, async ({ user, params }) => {
    const row = await uploads.findDetails(user.id, params.id)
    if (!row) throw notFound('upload.not_found')
    const object = row.received_at ? undefined : await storage.stat(row.object_key)
    if (!object) return { status: 200, body: toUploadDetails(row) }
    await uploads.markReceived([object])
    const arrived = { ...row, bytes: String(object.bytes), received_at: new Date() }
    return { status: 200, body: toUploadDetails(arrived) }
  })

  route(operations.deleteUpload, async ({ user, params, req, res }) => {
    await deleteUpload(user.id, params.id, { uploads, storage, log: logOf(res) })
    const details = { upload_id: params.id }
    await recordAudit(database.query, { ...actorOf(req, user), action: 'upload.deleted', details })
    return { status: 204 }
  })

  route(operations.putUpload, async ({ params, query, req, res }) => {
    if (config.storage.kind !== 'disk') {
      throw new CutroomError(
        'upload.link_invalid',
        'This service stores files on Cloud Storage; PUT the bytes to the URL that POST /uploads returned.',
      )
    }
    const link = verifyUploadLink(params.key, query, config.storage.signingSecret)
    // A link has no user, but belongs to one.
    await requestsInFlight.enter(userIdOf(link.key), res)
    await admitBytes(link, req.headers, deps)
    const { dir } = config.storage
    const reply = await receiveUpload({ dir, link, headers: req.headers, body: req })
    const object = reply.status === 201 ? await storage.stat(link.key) : undefined
    if (object) await uploads.markReceived([object])
    return reply
  })
}
