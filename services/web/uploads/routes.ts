import type { Config } from '#shared/config.ts'
import { operations } from '#shared/contract/operations.ts'
import type { Database } from '#shared/database/database.ts'
import { hashRequest, withIdempotencyKey } from '#shared/database/idempotency.ts'
import { CutroomError } from '#shared/errors.ts'
import { receiveUpload } from '#shared/storage/receive-upload.ts'
import { verifyUploadLink } from '#shared/storage/upload-link.ts'
import type { Route } from '../http/operation-router.ts'
import { type CreateUploadDeps, createUpload } from './create-upload.ts'

export type UploadsDeps = CreateUploadDeps & { config: Config; database: Database }

export function mountUploads(route: Route, deps: UploadsDeps): void {
  const { config, database } = deps

  route(operations.createUpload, async ({ user, body, headers }) => {
    const key = headers['idempotency-key']
    const idempotency =
      key === undefined ? undefined : { userId: user.id, key, requestHash: hashRequest(body) }
    const upload = await database.transaction((query) =>
      withIdempotencyKey(query, idempotency, () => createUpload(user.id, body, query, deps)),
    )
    return { status: 201, body: upload }
  })

  route(operations.putUpload, async ({ params, query, req }) => {
    if (config.storage.kind !== 'disk') {
      throw new CutroomError(
        'upload.link_invalid',
        'This service stores files on Cloud Storage; PUT the bytes to the URL that POST /uploads returned.',
      )
    }
    const link = verifyUploadLink(params.key, query, config.storage.signingSecret)
    const { dir } = config.storage
    return receiveUpload({ dir, link, headers: req.headers, body: req })
  })
}
