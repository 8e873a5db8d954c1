import type { Config } from '#shared/config.ts'
import { operations } from '#shared/contract/operations.ts'
import { CutroomError } from '#shared/errors.ts'
import type { Storage } from '#shared/storage/port.ts'
import type { UploadRepository } from '#shared/uploads/upload-repository.ts'
import { notFound } from '../../http/not-found.ts'
import type { Route } from '../../http/operation-router.ts'
import { type LinkFields, linkProblem, signLink } from '../../http/signed-link.ts'
import { sendOutput } from '../../tasks/send-output.ts'
import { requireContent } from '../require-content.ts'
import { previewType } from './content-type.ts'

export type PreviewDeps = { uploads: UploadRepository; storage: Storage; config: Config }

/** Mounts the previews of uploads, by a signed link: players send no token. */
export function mountPreviews(route: Route, { uploads, storage, config }: PreviewDeps): void {
  route(operations.linkUpload, async ({ user, params, body }) => {
    const row = await uploads.findDetails(user.id, params.id)
    if (!row) throw notFound('upload.not_found')
    await requireContent(storage, { id: row.id, key: row.object_key })
    const expiresAt = new Date(Math.floor(Date.now() / 1000 + body.expires_in) * 1000)
    const query = signLink(fieldsOf(row.id), expiresAt, config.auth.secrets[0] ?? '')
    return {
      status: 201,
      body: { url: `${config.publicUrl}/previews/${row.id}?${query}`, expires_at: expiresAt.toISOString() },
    }
  })

  route(operations.getPreview, async ({ params, query, req, res }) => {
    const problem = linkProblem(fieldsOf(params.id), query, config.auth.secrets, new Date())
    if (problem) throw new CutroomError('upload.link_invalid', `The link ${problem}. Create a new one.`)
    const upload = await uploads.findShared(params.id)
    if (!upload) throw notFound('upload.not_found')
    const { bytes } = await requireContent(storage, { id: upload.id, key: upload.objectKey })
    // Even if a browser took the file for a page, it would run nothing.
    res.set('Content-Security-Policy', "default-src 'none'; media-src 'self'; img-src 'self'; sandbox")
    const file = {
      name: upload.filename,
      content_type: previewType(upload),
      bytes,
      key: upload.objectKey,
    }
    await sendOutput(file, {
      req,
      res,
      storage,
      linkSeconds: config.uploads.linkSeconds,
      disposition: 'inline',
    })
    return undefined
  })
}

const fieldsOf = (id: string): LinkFields => ({ purpose: 'cutroom-preview', fields: [id] })
