import type { Config } from '#shared/config.ts'
import { operations } from '#shared/contract/operations.ts'
import type { Upload } from '#shared/contract/uploads.ts'
import { findReply, hashRequest, withIdempotencyKey } from '#shared/database/idempotency.ts'
import { CutroomError } from '#shared/errors.ts'
import { logOf } from '#shared/http/request-context.ts'
import { receiveUpload } from '#shared/storage/receive-upload.ts'
import { verifyUploadLink } from '#shared/storage/upload-link.ts'
import { decodeCursor, encodeCursor } from '#shared/tasks/cursor.ts'
import { enforceUploadQuota } from '#shared/uploads/upload-quota.ts'
import { type UploadRepository, uploadIdOf, userIdOf } from '#shared/uploads/upload-repository.ts'
import { actorOf, recordAudit } from '../auth/audit/record-audit.ts'
import { notFound } from '../http/not-found.ts'
import type { Route } from '../http/operation-router.ts'
import type { RequestsInFlight } from '../limits/requests-in-flight.ts'
import { type AdmitBytesDeps, admitBytes, uploadDeleted } from './admit-bytes.ts'
import { deleteUpload } from './delete-upload.ts'
import { type OpenUploadDeps, openUpload } from './open-upload.ts'
import { requireFreeSpace } from './require-free-space.ts'
import { toUploadDetails } from './upload-details.ts'
import { withReconciledQuota } from './upload-quota.ts'

export type UploadsDeps = OpenUploadDeps &
  AdmitBytesDeps & { config: Config; uploads: UploadRepository; requestsInFlight: RequestsInFlight }

export function mountUploads(route: Route, deps: UploadsDeps): void {
  const { config, database, storage, uploads, reconcileUploads, requestsInFlight } = deps

  route(operations.createUpload, async ({ user, body, headers }) => {
    const key = headers['idempotency-key']
    const idempotency =
      key === undefined ? undefined : { userId: user.id, key, requestHash: hashRequest(body) }
    // Clients send their bytes to Cloud Storage without web's knowledge.
    if (config.storage.kind === 'gcs') await reconcileUploads(user.id)
    const earlier = idempotency && (await findReply<Upload>(database.query, idempotency))
    if (earlier) return { status: 201, body: earlier }
    await requireFreeSpace(0, deps)
    // Before the transaction: a storage that answers slowly must not keep one of the few connections. If the upload is refused
    // then, nobody learns its URL.
    const { row, reply } = await openUpload(user.id, body, deps)
    const upload = await withReconciledQuota(user.id, reconcileUploads, () =>
      database.transaction((query) =>
        withIdempotencyKey(query, idempotency, async () => {
          await enforceUploadQuota(query, user.id, { bytes: 0 }, config.uploads.quotas)
          await uploads.create(row, query)
          return reply
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
    // Deleted while its bytes arrived: no row counts them, and the sweep would remove them only after days.
    if (object && !(await uploads.findShared(uploadIdOf(link.key)))) {
      await storage.remove(link.key)
      throw uploadDeleted()
    }
    return reply
  })
}
