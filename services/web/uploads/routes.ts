import { randomUUID } from 'node:crypto'
import { operations } from '#shared/contract/operations.ts'
import type { Upload } from '#shared/contract/uploads.ts'
import { hashRequest, withIdempotencyKey } from '#shared/database/idempotency.ts'
import { CutroomError } from '#shared/errors.ts'
import { receiveUpload } from '#shared/storage/receive-upload.ts'
import { verifyUploadLink } from '#shared/storage/upload-link.ts'
import { uploadKey } from '#shared/uploads/upload-repository.ts'
import type { WebDeps } from '../deps.ts'
import type { Mount } from '../http/operation-router.ts'

export function mountUploads(mount: Mount, { config, database, storage, uploads }: WebDeps): void {
  mount(operations.createUpload, async ({ user, body, headers }) => {
    const key = headers['idempotency-key']
    const reply = await database.transaction((query) =>
      withIdempotencyKey<Upload>(
        query,
        key === undefined ? undefined : { userId: user.id, key, requestHash: hashRequest(body) },
        async () => {
          const id = randomUUID()
          const objectKey = uploadKey(user.id, id)
          const target = await storage.uploadTarget(objectKey, {
            contentType: body.content_type,
            maxBytes: config.uploads.maxBytes,
            expiresInSeconds: config.uploads.linkSeconds,
          })
          const { filename, content_type: contentType } = body
          await uploads.create({ id, userId: user.id, objectKey, filename, contentType }, query)
          return {
            upload_id: id,
            method: target.method,
            url: target.url,
            headers: target.headers,
            max_bytes: config.uploads.maxBytes,
            expires_at: target.expiresAt.toISOString(),
          }
        },
      ),
    )
    return { status: 201, body: reply }
  })

  mount(operations.putUpload, async ({ params, query, req }) => {
    if (config.storage.kind !== 'disk')
      throw new CutroomError('upload.link_invalid', 'Uploads go to the bucket itself.')
    const link = verifyUploadLink(params.key, query, config.storage.signingSecret)
    const { status, headers } = await receiveUpload({
      dir: config.storage.dir,
      link,
      headers: req.headers,
      body: req,
    })
    return { status, headers }
  })
}
