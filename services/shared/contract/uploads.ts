import { z } from 'zod'
import { NextPage, pageQuery } from './paging.ts'

/** A media type without parameters, as Cloud Storage keeps it. */
const ContentType = z.string().regex(/^[\w.+-]{1,60}\/[\w.+-]{1,60}$/, {
  error: 'must be a media type without parameters, such as video/mp4',
})

export const UploadRequest = z
  .strictObject({
    filename: z.string().min(1).max(255).default('upload').meta({ example: 'holiday.mp4' }),
    content_type: ContentType.default('application/octet-stream').meta({ example: 'video/mp4' }),
  })
  .meta({ id: 'UploadRequest' })

export const Upload = z
  .object({
    upload_id: z.uuid().meta({ description: 'Use it in tasks once all bytes have been sent.' }),
    method: z.literal('PUT'),
    url: z.url().meta({
      description: 'PUT the bytes to this URL, in one request or in chunks with `Content-Range`.',
    }),
    headers: z.record(z.string(), z.string()).meta({ description: 'Headers to send with the bytes.' }),
    max_bytes: z.int().meta({ description: 'Maximum file size in bytes.', example: 5_368_709_120 }),
    expires_at: z.iso
      .datetime()
      .meta({ description: 'When the URL expires. Bytes that were sent before are kept.' }),
  })
  .meta({ id: 'Upload' })

export const UploadDetails = z
  .object({
    upload_id: z.uuid(),
    filename: z.string().meta({ example: 'holiday.mp4' }),
    content_type: z.string().meta({ example: 'video/mp4' }),
    bytes: z
      .int()
      .nullable()
      .meta({ description: 'Size in bytes, or null until all of them have arrived.', example: 20_000_000 }),
    created_at: z.iso.datetime(),
    expires_at: z.iso
      .datetime()
      .meta({ description: 'When the upload is deleted. An unfinished task that needs it keeps it longer.' }),
  })
  .meta({ id: 'UploadDetails', description: 'An upload of the user.' })

export const ListUploadsQuery = z.object(pageQuery('uploads')).meta({ id: 'ListUploadsQuery' })

export const UploadList = z
  .object({ uploads: z.array(UploadDetails), next_page: NextPage })
  .meta({ id: 'UploadList' })

export type UploadRequest = z.infer<typeof UploadRequest>
export type Upload = z.infer<typeof Upload>
export type UploadDetails = z.infer<typeof UploadDetails>
export type ListUploadsQuery = z.infer<typeof ListUploadsQuery>
