import { z } from 'zod'
import { uploadExamples } from '../examples.ts'
import { Uuid } from '../id.ts'
import type { Operation } from '../operation.ts'
import { ListUploadsQuery, Upload, UploadDetails, UploadList, UploadRequest } from '../uploads.ts'
import { IdempotencyHeader } from './idempotency-header.ts'

const UploadId = z.object({ id: Uuid })

export const uploadOperations = {
  createUpload: {
    id: 'createUpload',
    method: 'post',
    path: '/uploads',
    summary: 'Create an upload',
    description:
      'Returns a URL for the bytes of one file. PUT them to `url` with the given `headers`, in one request or in ' +
      'chunks with `Content-Range`, as in a resumable upload to Cloud Storage. Then use `upload_id` in any number ' +
      'of tasks.',
    tag: 'uploads',
    access: 'user',
    scope: 'tasks:write',
    headers: IdempotencyHeader,
    body: UploadRequest,
    examples: uploadExamples,
    replies: { 201: { description: 'The upload, with the URL for its bytes', body: Upload } },
    problems: [403, 507],
  },
  listUploads: {
    id: 'listUploads',
    method: 'get',
    path: '/uploads',
    summary: 'List uploads',
    description:
      'Uploads that have not expired, those of forms included. Results are paginated. To get the next page, pass ' +
      '`next_page` as `page` until it is null.',
    tag: 'uploads',
    access: 'user',
    scope: 'tasks:read',
    query: ListUploadsQuery,
    replies: { 200: { description: 'A page of uploads', body: UploadList } },
  },
  getUpload: {
    id: 'getUpload',
    method: 'get',
    path: '/uploads/{id}',
    summary: 'Get an upload',
    tag: 'uploads',
    access: 'user',
    scope: 'tasks:read',
    notFound: 'upload.not_found',
    params: UploadId,
    replies: { 200: { description: 'The upload', body: UploadDetails } },
    problems: [404],
  },
  deleteUpload: {
    id: 'deleteUpload',
    method: 'delete',
    path: '/uploads/{id}',
    summary: 'Delete an upload',
    description:
      'Deletes the upload together with its file, so that it no longer counts for the quotas. While an unfinished task needs ' +
      'it, the reply is 409 `upload.in_use`.',
    tag: 'uploads',
    access: 'user',
    scope: 'tasks:write',
    notFound: 'upload.not_found',
    params: UploadId,
    replies: { 204: { description: 'Deleted' } },
    problems: [404, 409],
  },
  putUpload: {
    id: 'putUpload',
    method: 'put',
    path: '/uploads/content/{+key}',
    summary: 'Upload the bytes of a file',
    description:
      'Use the `url` of the upload; it is signed, so no token is needed. When files are stored in Cloud Storage, ' +
      'the URL points there and this operation is not used.\n\n' +
      'Send a chunk with `Content-Range: bytes 0-8388607/20000000`. Send `Content-Range: bytes */20000000` and no ' +
      'body to ask how many bytes have arrived. A 308 reply gives them in its `Range` header, which is absent when ' +
      'there are none; continue after that range.',
    tag: 'uploads',
    access: 'link',
    params: z.object({ key: z.string() }),
    query: z.looseObject({}),
    replies: {
      201: { description: 'All bytes have arrived' },
      308: { description: 'More bytes are expected; continue after the range in the `Range` header' },
    },
    problems: [403, 409, 413, 507],
  },
} as const satisfies Record<string, Operation>
